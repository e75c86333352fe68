// When to connect again.

const FIRST = 500;
const LONGEST = 5000;

/** Calls `connect` again after a while, and at once when the network or the reader is back. Milliseconds. */
export class Retry {
    #pause = FIRST;
    #timer = null;
    #connect;

    constructor(connect) {
        this.#connect = connect;
        const now = () => {
            if (this.#timer !== null && document.visibilityState === "visible") this.#go();
        };
        window.addEventListener("online", now);
        document.addEventListener("visibilitychange", now);
    }

    /** It has worked: the next failure is a new one. */
    succeeded() {
        this.#pause = FIRST;
    }

    failed() {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#go(), this.#pause);
        this.#pause = Math.min(2 * this.#pause, LONGEST);
    }

    #go() {
        clearTimeout(this.#timer);
        this.#timer = null;
        this.#connect();
    }
}

/** The address of a WebSocket on this page's own server. */
export function address(way) {
    return `wss://${location.host}/${way}`;
}
