"""Find the records of several models that a user may access."""

from collections import defaultdict


def filter_accessible(env, keys, operation="read"):
    """Return the existing records that the environment's user may access. The number of
    queries depends only on the number of models.

    :param odoo.api.Environment env: environment of the user
    :param keys: iterable of pairs: name of a model, id of a record; either can be empty
        or unknown
    :param str operation: "read" or "write"
    :return: key -> record; records of one model are fetched together
    :rtype: dict[tuple[str, int], BaseModel]
    """
    ids_by_model = defaultdict(set)
    for model, res_id in keys:
        if res_id and model in env and not env[model]._abstract:
            ids_by_model[model].add(res_id)
    return {
        (model, record.id): record
        for model, ids in ids_by_model.items()
        for record in env[model]
        .browse(sorted(ids))
        .exists()
        ._filtered_access(operation)
    }
