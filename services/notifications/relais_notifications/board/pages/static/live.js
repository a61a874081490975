/**
 * The live stream of one worklist: a snapshot, then what changes. The browser reconnects by itself and is told what it
 * missed; a session that has ended is said so.
 */

import { byId } from "./dom.js";

const WORDS = { waiting: "Connexion…", on: "En direct", off: "Reconnexion…", ended: "Session terminée" };

/** @param {keyof WORDS} state */
function say(state) {
  const live = byId("live");
  live.dataset.state = state;
  live.textContent = WORDS[state];
}

/**
 * @param {URLSearchParams} parameters list and filters
 * @param {Record<"snapshot"|"changes"|"counts"|"stale", (data: any) => void>} on `stale`: too much changed, read again
 * @returns {() => void} closes it
 */
export function follow(parameters, on) {
  say("waiting");
  const source = new EventSource(`/v1/board/stream?${parameters}`);
  for (const name of /** @type {const} */ (["snapshot", "changes", "counts", "stale"])) {
    source.addEventListener(name, (event) => on[name](JSON.parse(event.data)));
  }
  source.addEventListener("open", () => say("on"));
  source.addEventListener("error", () => say(source.readyState === EventSource.CLOSED ? "ended" : "off"));
  const leave = () => source.close();
  window.addEventListener("pagehide", leave, { once: true });
  return leave;
}
