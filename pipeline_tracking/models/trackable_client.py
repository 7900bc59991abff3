from collections import namedtuple
from hashlib import blake2b

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import device, networks
from ..tools.actors import Classification
from ..tools.email_requests import Client

# Clients are deleted after this time: late requests can still be compared. The cron job
# deletes them each minute, and `_gc_clients` each day.
MAX_HOURS = 6
MAX_DELETED = 10_000  # clients deleted in one transaction
HASH_BYTES = 12

# The values of `_store`, and the key of these values among the values of an action.
COLUMNS = ("occurred_at", "network", "program", "system", "actor", "reason")
CLIENT_VALUES = "client_values"

# `client`: who made the request. `classification`: of the request by itself.
StoredClient = namedtuple("StoredClient", "client classification")


class TrackableClient(models.Model):
    """Remember for some hours which client made the request of an action, so that
    requests can be compared.

    The network and the user agent are stored as keyed hashes. Without the key, nobody
    can find out the address or the program. `_delete_old` deletes them.
    """

    _name = "trackable.client"
    _description = "Client of a Recent Request"
    _order = "id"
    _log_access = False

    action_id = fields.Many2one(
        "trackable.email.action", required=True, index=True, ondelete="cascade"
    )
    # The time of the action, for the index.
    occurred_at = fields.Datetime(required=True)
    stored_at = fields.Datetime(required=True, default=fields.Datetime.now)
    network = fields.Char(groups=fields.NO_ACCESS)
    program = fields.Char(groups=fields.NO_ACCESS)
    system = fields.Char(groups=fields.NO_ACCESS)
    # The classification of the request by itself: other requests can change it.
    actor = fields.Char(required=True)
    reason = fields.Char(required=True)

    _network_idx = models.Index("(network, occurred_at) WHERE network IS NOT NULL")

    # ------------------------------------------------------------
    # Override these
    # ------------------------------------------------------------

    @api.model
    def _is_shared_network(self, ip):
        """Return whether requests from an address do not show who made them, because a
        proxy in front of Odoo hides the clients.

        An override adds the addresses of other proxies, for example of a content
        delivery network.

        :param str ip:
        :rtype: bool
        """
        return not networks.is_address(ip) or networks.is_local(ip)

    # ------------------------------------------------------------
    # Do not override
    # ------------------------------------------------------------

    @api.model
    def _make_client(self, ip, user_agent):
        """Return the client of a request, with keyed hashes.

        :param str ip: the client's address, or "" if it is not known
        :param str user_agent: the header, or ""
        :rtype: Client
        """
        network = "" if self._is_shared_network(ip) else networks.truncate(ip)
        return Client(
            network and self._hash("network", network),
            self._hash("program", user_agent),
            device.read(user_agent).platform,
        )

    @api.model
    def _hash(self, scope, text):
        """Return a keyed hash of a text.

        :param str scope: separates the hashes of different kinds of texts
        :param str text:
        :return: hexadecimal
        :rtype: str
        """
        keys = self.env["trackable.key"]._get_keys()
        key = blake2b(keys[max(keys)], person=b"client").digest()
        message = f"{scope}:{text}".encode(errors="surrogatepass")
        return blake2b(message, key=key, digest_size=HASH_BYTES).hexdigest()

    @api.model
    def _store(self, clients):
        """Store the clients of new actions.

        :param clients: pairs of an action, and its values in the order of `COLUMNS`;
            None for an action whose client is not stored
        """
        rows = [(action.id, *values) for action, values in clients if values]
        if not rows:
            return
        # Only a statement with all rows is fast enough: each request has a client.
        now = fields.Datetime.now()
        self.env.cr.execute_values(
            f"INSERT INTO trackable_client (action_id, {', '.join(COLUMNS)}, stored_at)"
            " VALUES %s",
            [(*row, now) for row in rows],
            page_size=len(rows),
        )
        self.env["trackable.email.action"].invalidate_model(["client_ids"])

    @api.model
    def _read_clients(self, actions):
        """Read the stored clients of actions.

        :param trackable.email.action actions:
        :return: action -> stored client; actions without a stored client are left out
        :rtype: dict[TrackableEmailAction, StoredClient]
        """
        if not actions:
            return {}
        # SQL: faster than the ORM, for up to a thousand actions of each email.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT action_id, COALESCE(network, ''), COALESCE(program, ''),
                       COALESCE(system, ''), actor, reason
                  FROM trackable_client WHERE action_id = ANY(%s)
                """,
                actions.ids,
            )
        )
        return {
            actions.browse(action_id): StoredClient(
                Client(network, program, system), Classification(actor, reason)
            )
            for action_id, network, program, system, actor, reason in rows
        }

    @api.model
    def _delete_old(self):
        """Delete clients older than `MAX_HOURS`.

        :return: number of deleted clients
        :rtype: int
        """
        # The oldest clients have the lowest ids, so the query reads no other ones.
        self.env.cr.execute(
            """
            DELETE FROM trackable_client
             WHERE id = ANY(ARRAY(
                    SELECT id
                      FROM (SELECT id, stored_at FROM trackable_client
                             ORDER BY id LIMIT %s) AS oldest
                     WHERE stored_at < clock_timestamp() AT TIME ZONE 'UTC'
                                       - make_interval(hours => %s)))
            """,
            [MAX_DELETED, MAX_HOURS],
        )
        return self.env.cr.rowcount

    @api.autovacuum
    def _gc_clients(self):
        """Delete old clients, even if the cron job of the queue does not run.

        :return: number of deleted clients, and of clients that may be left
        :rtype: tuple[int, int]
        """
        count = self._delete_old()
        return count, MAX_DELETED if count == MAX_DELETED else 0
