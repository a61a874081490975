/** « Mes places »: each offer of a partner, what is free, whether somebody looks in vain, and a form to say it anew. */

import { say } from "./actions.js";
import { dayOnly, short } from "./dates.js";
import { byId, el, keep } from "./dom.js";
import { declarePlaces } from "./intake.js";

const EVERY = 10000;
const STATES = {
  open: "Oui, il y a des places", "waiting-list": "Liste d’attente", assessment: "Après un premier entretien", full: "Complet",
};
/** What the server's clock says beyond this one's, in milliseconds. */
let ahead = 0;
/** @type {Map<string, number>} demand seen before, so that news is told once */
let looked = new Map();
let first = true;

/** Keeps the section up to date; it is read anew whenever something may have changed. */
export function start() {
  read();
  setInterval(() => document.hidden || read(), EVERY);
}

export async function read() {
  const answer = await fetch("/v1/board/offers").catch(() => null);
  if (!answer?.ok) return;
  const { now, offers } = await answer.json();
  ahead = new Date(now).getTime() - Date.now();
  tell(offers);
  keep(byId("offers"), offers, (offer) => offer.offer, card);
  byId("no-offers").hidden = offers.length > 0;
}

function tell(offers) {
  const asked = offers.filter((offer) => offer.demand);
  document.querySelector('[data-list="places"] [data-count]').textContent = asked.length ? String(asked.length) : "";
  const fresh = asked.find((offer) => looked.get(offer.offer) !== offer.demand.people);
  if (fresh && !first) say(`${people(fresh.demand.people)} une place : ${fresh.name}`);
  looked = new Map(asked.map((offer) => [offer.offer, offer.demand.people]));
  first = false;
}

const people = (number) => (number > 1 ? `${number} personnes cherchent` : "Une personne cherche");

function card(offer) {
  const title = `o-${offer.offer}`;
  const places = offer.places.length ? offer.places : [null];
  return el("section", { class: "card offer", "aria-labelledby": title, "data-offer": offer.offer },
    el("div", { class: "card-top" },
      el("h2", { id: title }, offer.name),
      offer.needs.length > 0 && el("p", { class: "muted" }, offer.needs.join(" · "))),
    offer.demand && el("p", { class: "wanted" }, el("strong", {}, `${people(offer.demand.people)} une place ici`),
      " depuis le ", el("span", { class: "nowrap" }, short(offer.demand.since)), ". Pouvez-vous en ouvrir ?"),
    ...places.map((place) => row(offer, place)));
}

/** One line: what holds now, and the form behind a button; open where somebody waits for an answer. */
function row(offer, place) {
  const opened = Boolean(offer.demand) && !(place?.session);
  return el("div", { class: "places" },
    place?.session && el("h3", {}, `Session du ${dayOnly(place.session.starts)} au ${dayOnly(place.session.ends)}`),
    el("p", {}, el("span", { class: "chip", "data-places": shown(place) }, told(place)),
      place && el("small", {}, ` ${announced(place)} le `, el("span", { class: "nowrap" }, short(place.at)))),
    el("details", { open: opened }, el("summary", {}, "Mettre à jour mes places"), form(offer, place)));
}

/** What people find: a state with no free place left is full. */
const shown = (place) => (!place ? "unknown" : place.free === 0 || place.number === 0 ? "full" : place.state);

function told(place) {
  if (!place) return "Places non comptées";
  if (shown(place) === "full") return place.state === "full" ? STATES.full : "Complet : toutes les places sont prises";
  const free = place.free ?? place.number;
  if (place.state === "waiting-list") return STATES[place.state];
  if (free === null) return place.state === "open" ? "Des places" : STATES[place.state];
  const after = place.state === "assessment" ? ", après un premier entretien" : "";
  return `${free} ${free > 1 ? "places libres" : "place libre"}${after}`;
}

/** What the partner said, beside what is left of it. */
function announced(place) {
  if (place.free === null || place.free === place.number) return "annoncé";
  return place.number > 1 ? `sur ${place.number} annoncées` : "sur une annoncée";
}

function form(offer, place) {
  const name = `places-${offer.offer}-${place?.session?.starts ?? ""}`;
  const chosen = place && place.state !== "full" ? place.state : "open";
  const number = el("input", { type: "number", name: "number", min: "0", max: "9999", step: "1", inputmode: "numeric",
    "data-focus": "number", autocomplete: "off" });
  const counted = el("label", { class: "count" }, "Combien de places libres aujourd’hui ?", number,
    el("small", { class: "muted" }, "Sans les personnes déjà acceptées. Laissez vide si vous ne comptez pas."));
  const choice = (state) => el("label", { class: "check" },
    el("input", { type: "radio", name, value: state, checked: state === chosen }), STATES[state]);
  const fault = el("p", { class: "error", role: "alert", hidden: true });
  const made = el("form", { novalidate: true, onsubmit: (event) => send(event, offer, place, name, fault) },
    el("fieldset", {}, el("legend", {}, "Pouvez-vous accueillir ?"), ...Object.keys(STATES).map(choice)), counted, fault,
    el("div", { class: "buttons" }, el("button", { type: "submit", class: "primary", "data-focus": "send" }, "Enregistrer mes places")));
  made.addEventListener("change", () => {
    counted.hidden = !["open", "assessment"].includes(new FormData(made).get(name));
  });
  counted.hidden = !["open", "assessment"].includes(chosen);
  return made;
}

async function send(event, offer, place, name, fault) {
  event.preventDefault();
  const given = event.currentTarget;
  const state = new FormData(given).get(name);
  const field = given.elements.number;
  const counts = ["open", "assessment"].includes(state) && field.value !== "";
  fault.hidden = true;
  if (["open", "assessment"].includes(state) && !field.checkValidity()) {
    fault.textContent = "Le nombre de places est un nombre entier, zéro ou plus.";
    fault.hidden = false;
    return field.focus();
  }
  const button = given.querySelector("button");
  button.disabled = true;
  try {
    const at = new Date(Date.now() + ahead).toISOString();
    await declarePlaces({ offer: offer.offer, state, at, ...(counts && { number: Number(field.value) }),
      ...(place?.session && { session: place.session }) });
    say("Vos places sont enregistrées. Merci.");
    for (const wait of [300, 1000, 2500, 5000]) setTimeout(read, wait);
  } catch (refusal) {
    fault.textContent = /** @type {Error} */ (refusal).message;
    fault.hidden = false;
    button.disabled = false;
  }
}
