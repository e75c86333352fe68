// The serial console, by xterm.js.
import { Retry, address } from "./retry.js";

// What a serial line's guest takes for granted.
const COLUMNS = 80;
const ROWS = 24;

export class SerialConsole {
    isConnected = false;
    changed = () => {};
    #panel;
    #terminal = new Terminal({ cols: COLUMNS, rows: ROWS, scrollback: 5000, screenReaderMode: true });
    #isOpen = false;
    #socket = null;
    #retry = new Retry(() => this.connect());

    constructor(panel) {
        this.#panel = panel;
        const encoder = new TextEncoder();
        const send = (bytes) => {
            if (this.isConnected) this.#socket.send(bytes);
        };
        this.#terminal.onData((text) => send(encoder.encode(text)));
        this.#terminal.onBinary((text) => send(Uint8Array.from(text, (character) => character.charCodeAt(0))));
        window.addEventListener("resize", () => this.#fit());
    }

    connect() {
        const socket = new WebSocket(address("console"));
        socket.binaryType = "arraybuffer";
        socket.addEventListener("open", () => {
            this.#retry.succeeded();
            // The last of what it wrote comes again.
            this.#terminal.reset();
            this.#became(true);
        });
        socket.addEventListener("message", (event) => this.#terminal.write(new Uint8Array(event.data)));
        socket.addEventListener("close", () => {
            this.#became(false);
            this.#retry.failed();
        });
        this.#socket = socket;
    }

    #became(isConnected) {
        this.isConnected = isConnected;
        this.changed();
    }

    /** It measures its letters when it is opened, for which it has to be seen. */
    focus() {
        if (!this.#isOpen) {
            this.#terminal.open(this.#panel);
            this.#isOpen = true;
        }
        this.#fit();
        this.#terminal.focus();
    }

    /** Letters so large that a line is as wide as the page. */
    #fit() {
        if (!this.#isOpen || this.#panel.hidden) return;
        const size = Math.floor(this.#panel.clientWidth / COLUMNS / 0.62);
        this.#terminal.options.fontSize = Math.max(6, Math.min(18, size));
    }
}
