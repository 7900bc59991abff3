import {
    contains,
    openFormView,
    start,
    startServer,
} from "@mail/../tests/mail_test_helpers";

/**
 * Open the form of a contact with a message in its chatter.
 *
 * @returns {{partnerId: number, messageId: number}}
 */
export async function openContactWithMessage() {
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({
        name: "Carla",
        email: "carla@x.com",
    });
    const messageId = pyEnv["mail.message"].create({
        body: "Our offer",
        model: "res.partner",
        res_id: partnerId,
        message_type: "comment",
    });
    await start();
    await openFormView("res.partner", partnerId, {
        arch: "<form><field name='name'/><chatter/></form>",
    });
    await contains(".o-mail-Message", {text: "Our offer"});
    return {partnerId, messageId};
}
