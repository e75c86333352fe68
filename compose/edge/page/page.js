// The page of compose/edge.yaml: its parts, and what its buttons do.
import { Screen } from "./screen.js";
import { SerialConsole } from "./console.js";
import { watch, ask } from "./status.js";

const element = (id) => document.getElementById(id);
const tabs = ["screen", "console"].map((name) => ({ name, tab: element(`${name}-tab`), panel: element(name) }));

// What nginx lets this one do anyway; the page shows no more than that.
const mayType = (await (await ask("role")).text()) === "screen";
const parts = { screen: new Screen(element("screen"), mayType) };
if (mayType) {
    parts.console = new SerialConsole(element("console"));
} else {
    for (const each of document.querySelectorAll(".input, #console-tab")) each.hidden = true;
}

let shown = "screen";
function say() {
    element("connection").textContent = parts[shown].isConnected ? "" : "Not connected. Trying again …";
    element("power").disabled = !parts.screen.hasPower;
}
function show(name) {
    shown = name;
    for (const each of tabs) {
        each.panel.hidden = each.name !== name;
        each.tab.setAttribute("aria-selected", String(each.name === name));
        each.tab.tabIndex = each.name === name ? 0 : -1;
    }
    parts[name].focus();
    say();
}
for (const part of Object.values(parts)) {
    part.changed = say;
    part.connect();
}
for (const each of tabs) {
    each.tab.addEventListener("click", () => show(each.name));
    each.tab.addEventListener("keydown", (event) => {
        if (!mayType || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
        const other = tabs.find((one) => one !== each);
        show(other.name);
        other.tab.focus();
    });
}

element("ctrl-alt-del").addEventListener("click", () => {
    parts.screen.ctrlAltDel();
    show("screen");
});
element("full-screen").addEventListener("click", async () => {
    await element(shown).requestFullscreen();
    parts[shown].focus();
});
element("screenshot").addEventListener("click", () => parts.screen.save());
element("keyboard").addEventListener("click", () => element("typed").focus());
element("typed").addEventListener("input", (event) => {
    parts.screen.type(event);
    event.target.value = "";
});
element("power").addEventListener("click", () => element("sure").showModal());
element("leave").addEventListener("click", () => element("sure").close());
element("press").addEventListener("click", () => {
    parts.screen.pressPower();
    element("sure").close();
});
// The screen and the console take every key, Tab among them.
window.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey && event.altKey && event.code === "KeyB")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    parts.screen.releaseKeys();
    element(`${shown}-tab`).focus();
}, true);

watch((name, isGood, text) => {
    element(name).className = isGood ? "good" : "bad";
    element(name).querySelector("dd").textContent = text;
});
parts.screen.focus();
