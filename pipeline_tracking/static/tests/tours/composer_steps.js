/** Steps that several tours of the composer share. */

export const openSmallComposer = {
    trigger: ".o-mail-Chatter-sendMessage:not(.active)",
    run: "click",
};

export const openFullComposer = {
    trigger: "[name='open-full-composer']",
    run: "click",
};
