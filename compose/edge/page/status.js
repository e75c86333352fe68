// How the machine does, as Drover's /live and /ready say.

const PERIOD = 5000;
const words = { live: ["running", "not running"], ready: ["ready", "not ready"] };

/** An answer of this page's own server. A relative address may have a password in it, which fetch refuses. */
export function ask(path) {
    return fetch(`${location.origin}/${path}`, { cache: "no-store" });
}

/** Asks every few seconds while the page is seen; `tell(name, isGood, text)` is given each answer. */
export function watch(tell) {
    const look = async (name) => {
        try {
            const answer = await ask(name);
            const known = answer.ok || answer.status === 503;
            tell(name, answer.ok, known ? words[name][answer.ok ? 0 : 1] : "not known");
        } catch {
            tell(name, false, "not known");
        }
    };
    const askAll = () => {
        if (document.visibilityState === "visible") Object.keys(words).forEach(look);
    };
    askAll();
    setInterval(askAll, PERIOD);
    document.addEventListener("visibilitychange", askAll);
}
