import {useDebounced} from "@web/core/utils/timing";
import {useService} from "@web/core/utils/hooks";

const DELAY_MS = 500;
const FIELDS = ["trackable_email_count", "trackable_email_summary"];

/**
 * Return a function that fetches the text of a form's button that opens tracked emails.
 * Unsaved changes of the record stay. Calls in quick succession make one request.
 *
 * @param {() => import("@web/model/relational_model/record").Record} getRecord
 * @returns {() => void}
 */
export function useTrackingButton(getRecord) {
    const orm = useService("orm");
    return useDebounced(async () => {
        const record = getRecord();
        const fields = FIELDS.filter((name) => name in (record?.activeFields ?? {}));
        if (!record?.resId || !fields.length) {
            return;
        }
        const {context, model, resId, resModel} = record;
        let values = {};
        try {
            [values] = await orm.silent.read(resModel, [resId], fields, {context});
        } catch {
            return; // For example, no connection. The next update fetches the text, too.
        }
        model.mutex.exec(() => {
            const shownRecord = getRecord();
            if (values && shownRecord?.resId === resId) {
                shownRecord._applyValues(values);
            }
        });
    }, DELAY_MS);
}
