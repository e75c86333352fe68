// The guest's screen, by noVNC.
import RFB from "./novnc/core/rfb.js";
import keysyms from "./novnc/core/input/keysymdef.js";
import KeyTable from "./novnc/core/input/keysym.js";
import { Retry, address } from "./retry.js";

export class Screen {
    isConnected = false;
    hasPower = false;
    changed = () => {};
    #panel;
    #mayType;
    #rfb = null;
    #retry = new Retry(() => this.connect());

    constructor(panel, mayType) {
        this.#panel = panel;
        this.#mayType = mayType;
    }

    connect() {
        const hadFocus = this.#panel.contains(document.activeElement);
        const rfb = new RFB(this.#panel, address("screen"), { shared: true });
        rfb.viewOnly = !this.#mayType;
        rfb.scaleViewport = true;
        rfb.showDotCursor = true;
        rfb.background = "#000";
        rfb.addEventListener("connect", () => {
            this.#retry.succeeded();
            this.#became(true);
            if (hadFocus) rfb.focus();
        });
        rfb.addEventListener("capabilities", () => this.#became(this.isConnected));
        rfb.addEventListener("disconnect", () => {
            this.#rfb = null;
            this.#became(false);
            this.#retry.failed();
        });
        this.#rfb = rfb;
    }

    #became(isConnected) {
        this.isConnected = isConnected;
        this.hasPower = isConnected && this.#mayType && (this.#rfb?.capabilities.power ?? false);
        this.changed();
    }

    focus() {
        this.#rfb?.focus();
    }

    ctrlAltDel() {
        this.#rfb?.sendCtrlAltDel();
    }

    pressPower() {
        this.#rfb?.machineShutdown();
    }

    /** Of the keys that lead away from the screen, whose end it does not see. */
    releaseKeys() {
        this.#rfb?.sendKey(KeyTable.XK_Control_L, "ControlLeft", false);
        this.#rfb?.sendKey(KeyTable.XK_Alt_L, "AltLeft", false);
    }

    /** What a keyboard on a touch screen has typed. */
    type(event) {
        const key = { deleteContentBackward: KeyTable.XK_BackSpace, insertLineBreak: KeyTable.XK_Return }[event.inputType];
        if (key) this.#rfb?.sendKey(key);
        for (const character of (key ? "" : event.data) ?? "") this.#rfb?.sendKey(keysyms.lookup(character.codePointAt(0)));
    }

    /** As a file. */
    save() {
        this.#rfb?.toBlob((blob) => {
            const link = document.createElement("a");
            link.href = URL.createObjectURL(blob);
            link.download = `screen-${new Date().toISOString().replace(/[:.]/g, "-")}.png`;
            link.click();
            URL.revokeObjectURL(link.href);
        }, "image/png");
    }
}
