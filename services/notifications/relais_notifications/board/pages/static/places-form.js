/** The forms of « Mes places »: what a partner can offer, of an offer or of one of its sessions, and a session to come. */

import { el } from "./dom.js";
import { declarePlaces } from "./intake.js";

export const STATES = {
  open: "Oui, il y a des places", "waiting-list": "Liste d’attente", assessment: "Après un premier entretien", full: "Complet",
};
const COUNTED = ["open", "assessment"];
/** Forms made so far: each has choices of its own. */
let made = 0;

/** A field that does not hold what is needed, in words for the person. */
class Missing extends Error {
  constructor(message, field) {
    super(message);
    this.field = field;
  }
}

/**
 * Says anew what is free of an offer, or of one of its sessions.
 * @param {string} offer
 * @param {any} place as shown now, or none
 * @param {() => string} at the moment that what is said is true of
 * @param {() => void} saved
 */
export function places(offer, place, at, saved) {
  const session = place?.session;
  return form({
    chosen: place && place.state !== "full" ? place.state : "open",
    counting: session ? "Combien de places libres pour cette session ?" : "Combien de places libres aujourd’hui ?",
    button: "Enregistrer mes places",
    read: () => ({ offer, at: at(), ...(session && { session }) }),
    saved,
  });
}

/** Says that there is a session to come. @param {string} offer @param {() => string} at @param {() => void} saved */
export function session(offer, at, saved) {
  const day = (name) => el("input", { type: "date", name, required: true, min: at().slice(0, 10) });
  const [starts, ends] = [day("starts"), day("ends")];
  starts.addEventListener("change", () => {
    ends.min = starts.value;
    if (!ends.value || ends.value < starts.value) ends.value = starts.value;
  });
  return form({
    chosen: "open",
    counting: "Combien de places libres pour cette session ?",
    button: "Ajouter la session",
    days: el("div", { class: "days" }, el("label", {}, "Premier jour", starts), el("label", {}, "Dernier jour", ends)),
    read() {
      if (!starts.checkValidity()) throw new Missing("Choisissez le premier jour, aujourd’hui ou plus tard.", starts);
      if (!ends.checkValidity()) throw new Missing("Choisissez le dernier jour, le premier jour ou plus tard.", ends);
      return { offer, at: at(), session: { starts: starts.value, ends: ends.value } };
    },
    saved,
  });
}

function form({ chosen, counting, button, days, read, saved }) {
  const name = `places-${(made += 1)}`;
  const number = el("input", { type: "number", name: "number", min: "0", max: "9999", step: "1", inputmode: "numeric",
    "data-focus": "number", autocomplete: "off" });
  const counted = el("label", { class: "count" }, counting, number,
    el("small", { class: "muted" }, "Sans les personnes déjà acceptées. Laissez vide si vous ne comptez pas."));
  const choice = (state) => el("label", { class: "check" },
    el("input", { type: "radio", name, value: state, checked: state === chosen }), STATES[state]);
  const fault = el("p", { class: "error", role: "alert", hidden: true });
  const send = el("button", { type: "submit", class: "primary", "data-focus": "send" }, button);
  const form = el("form", { novalidate: true }, days,
    el("fieldset", {}, el("legend", {}, "Pouvez-vous accueillir ?"), ...Object.keys(STATES).map(choice)), counted, fault,
    el("div", { class: "buttons" }, send));
  const state = () => String(new FormData(form).get(name));
  const showCount = () => { counted.hidden = !COUNTED.includes(state()); };
  form.addEventListener("change", showCount);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fault.hidden = send.disabled = true;
    try {
      await declarePlaces({ ...read(), state: state(), ...free(state(), number) });
      saved();
      form.reset();
      showCount();
    } catch (refusal) {
      fault.textContent = /** @type {Error} */ (refusal).message;
      fault.hidden = false;
      if (refusal instanceof Missing) refusal.field.focus();
    }
    send.disabled = false;
  });
  showCount();
  return form;
}

/** The number, where it counts and was given. */
function free(state, field) {
  if (!COUNTED.includes(state)) return {};
  if (!field.checkValidity()) throw new Missing("Le nombre de places est un nombre entier, zéro ou plus.", field);
  return field.value === "" ? {} : { number: Number(field.value) };
}
