/** « Mes places »: each offer of a partner, what is free, by dated session where it has some, and whether somebody looks in vain. */

import { say } from "./actions.js";
import { short, span } from "./dates.js";
import { byId, el, keep } from "./dom.js";
import * as form from "./places-form.js";

const EVERY = 10000;
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
  keep(byId("offers"), offers.map(({ places, ...offer }) => ({ ...offer, dated: places.some((place) => place.session) })),
    (offer) => offer.offer, card);
  for (const offer of offers) rows(offer);
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
const titled = (offer) => `o-${offer}`;

function card(offer) {
  const adding = offer.dated ? "Ajouter une session" : "Ajouter une session datée";
  return el("section", { class: "card offer", "aria-labelledby": titled(offer.offer), "data-offer": offer.offer },
    el("div", { class: "card-top" },
      el("h2", { id: titled(offer.offer) }, offer.name),
      offer.needs.length > 0 && el("p", { class: "muted" }, offer.needs.join(" · "))),
    offer.demand && el("p", { class: "wanted" }, el("strong", {}, `${people(offer.demand.people)} une place ici`),
      " depuis le ", el("span", { class: "nowrap" }, short(offer.demand.since)), ". Pouvez-vous en ouvrir ?"),
    el("div", { class: offer.dated ? "rows dated" : "rows", "data-rows": "" }), folded(adding, {}, (saved) => form.session(offer.offer, at, saved)));
}

/** The lines of an offer, each kept by itself: saving one leaves what is being typed in another. */
function rows(offer) {
  const parent = byId(titled(offer.offer)).closest("section").querySelector("[data-rows]");
  const dated = offer.places.some((place) => place.session);
  const entries = (offer.places.length ? offer.places : [null]).map((place, index) => (
    { offer: offer.offer, place, dated, asked: Boolean(offer.demand) && index === 0 }));
  keep(parent, entries, (entry) => entry.place?.session?.starts ?? "", row);
}

/** One line: what holds now, and the form behind a button; open where somebody waits for an answer. */
function row({ offer, place, dated, asked }) {
  const session = place?.session;
  const name = session ? `Session ${span(session.starts, session.ends)}` : dated && "Hors session, à tout moment";
  return el("div", { class: "places", "data-session": session?.starts ?? "" },
    name && el("h3", {}, name),
    el("p", { class: "holds" }, el("span", { class: "chip", "data-places": shown(place) }, told(place)),
      place && el("small", {}, `${announced(place)} le `, el("span", { class: "nowrap" }, short(place.at)))),
    folded("Mettre à jour mes places", { open: asked, of: name }, (saved) => form.places(offer, place, at, saved)));
}

/** A form behind its title, made when it is first opened; it closes once what it says is saved. */
function folded(title, { open, of }, make) {
  const summary = el("summary", { "data-focus": "open", "aria-label": of && `${title} : ${of}` }, title);
  const box = el("details", {}, summary);
  const fill = () => box.children.length > 1 || box.append(make(() => {
    box.open = false;
    summary.focus();
    say("Vos places sont enregistrées. Merci.");
    for (const wait of [300, 1000, 2500, 5000]) setTimeout(read, wait);
  }));
  box.addEventListener("toggle", () => box.open && fill());
  if (open) fill();
  box.open = Boolean(open);
  return box;
}

/** Now, by the server's clock. */
const at = () => new Date(Date.now() + ahead).toISOString();

/** What people find: a state with no free place left is full. */
const shown = (place) => (!place ? "unknown" : place.free === 0 || place.number === 0 ? "full" : place.state);

function told(place) {
  if (!place) return "Places non comptées";
  if (shown(place) === "full") return place.free === 0 && place.number > 0 ? "Complet : toutes les places sont prises" : form.STATES.full;
  const free = place.free ?? place.number;
  if (place.state === "waiting-list") return form.STATES[place.state];
  if (free === null) return place.state === "open" ? "Des places" : form.STATES[place.state];
  const after = place.state === "assessment" ? ", après un premier entretien" : "";
  return `${free} ${free > 1 ? "places libres" : "place libre"}${after}`;
}

/** What the partner said, beside what is left of it. */
function announced(place) {
  if (place.free === null || place.free === place.number) return "annoncé";
  return `sur ${place.number} ${place.number > 1 ? "annoncées" : "annoncée"}`;
}
