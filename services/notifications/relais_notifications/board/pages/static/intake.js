/** What people do on a page goes straight to intake's door, with the session's cookie; routing is only asked. */

const door = document.body.dataset.intake ?? "";
const routing = document.body.dataset.routing ?? "";

/** Whether the page may ask why a choice was made. */
export const explains = Boolean(routing) && ["operator", "coordinator"].includes(document.body.dataset.role ?? "");
/** Whether notes may be read here. */
export const readsNotes = ["operator", "partner"].includes(document.body.dataset.role ?? "");

/** Said no, or could not be asked; `allowed` tells what is possible instead. */
export class Refusal extends Error {
  /** @param {string} message @param {number} status @param {string[]} [allowed] */
  constructor(message, status, allowed) {
    super(message);
    this.status = status;
    this.allowed = allowed;
  }
}

/**
 * @param {string} handoff
 * @param {string} action
 * @param {Record<string, any>} filled
 * @param {string} id the same when tried again, so that it counts once
 * @returns {Promise<{allowed?: string[]}>}
 */
export function act(handoff, action, filled, id) {
  return ask(`/v1/handoffs/${encodeURIComponent(handoff)}/actions`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ id, action, ...filled }),
  });
}

/** The person's contact, within the consent; intake writes down that it was read. @param {string} handoff */
export const contact = (handoff) => ask(`/v1/handoffs/${encodeURIComponent(handoff)}/contact`);

/** A note, for both ends of the hand-off. @param {string} handoff @param {string} text */
export const note = (handoff, text) => ask(`/v1/handoffs/${encodeURIComponent(handoff)}/texts/${encodeURIComponent(text)}`);

/** Why this partner was chosen, in plain French, as routing recorded it. @param {string} decision */
export async function reasons(decision) {
  const answer = await fetch(`${routing}/v1/decisions/${encodeURIComponent(decision)}`, {
    credentials: "include", headers: { Accept: "text/plain" },
  }).catch(() => null);
  if (!answer?.ok) throw new Refusal("Le choix n’a pas pu être relu.", answer?.status ?? 0);
  return answer.text();
}

/**
 * The partner says how many places an offer has: one line of the directory, in its own name.
 * @param {Record<string, any>} data
 */
export async function declarePlaces(data) {
  const source = `/${document.body.dataset.org}`;
  const id = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const line = { specversion: "1.0", id, source, type: "org.relais.places.declared.v1", data };
  const told = await ask("/v1/directory", {
    method: "POST", headers: { "Content-Type": "application/x-ndjson" }, body: JSON.stringify(line),
  });
  if (told.status >= 300) throw new Refusal(told.result === "older" ? "Vos places ont été mises à jour entre-temps. Réessayez." : explain(told.status, told), told.status);
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(door + path, { credentials: "include", ...options });
  } catch {
    throw new Refusal("Le service ne répond pas. Réessayez dans un instant.", 0);
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  throw new Refusal(explain(answer.status, body), answer.status, body.allowed);
}

function explain(status, body) {
  if (body.french) return body.french;
  if (status === 401) return "Votre session est terminée : ouvrez un nouveau lien de connexion.";
  if (status === 403) return "Vous n’avez pas accès à cela : l’accord de la personne ne le permet pas, ou plus.";
  if (status === 404) return "Ce relais n’existe pas, ou n’est plus le vôtre.";
  if (status === 409) return "Ce n’est plus possible : la situation a changé entre-temps.";
  if (status === 429 || status === 503) return "Le service est très sollicité. Réessayez dans un instant.";
  if (status === 422) return "Il manque quelque chose, ou une valeur n’est pas possible.";
  return "Cela n’a pas fonctionné. Réessayez dans un instant.";
}
