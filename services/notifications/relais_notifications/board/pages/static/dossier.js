/** One case beside the list: its chain, then everything that happened, in plain words. */

import { buttons } from "./actions.js";
import { due, refreshDues, short } from "./dates.js";
import { byId, el } from "./dom.js";
import { explains, note, readsNotes, reasons } from "./intake.js";

export class Dossier {
  constructor() {
    this.panel = byId("dossier");
    this.body = byId("dossier-body");
    this.case = null;
    this.opener = null;
    byId("dossier-close").addEventListener("click", () => this.close());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !byId("ask").open) this.close();
    });
  }

  /** @param {string} caseId @param {HTMLElement|null} opener gets the focus back */
  async open(caseId, opener) {
    this.case = caseId;
    this.opener = opener?.closest("[data-id]")?.getAttribute("data-id") ?? null;
    this.panel.hidden = false;
    document.body.classList.add("with-dossier");
    if (!(await this.read())) return;
    byId("dossier-title").focus();
  }

  close() {
    if (this.panel.hidden) return;
    this.panel.hidden = true;
    this.case = null;
    document.body.classList.remove("with-dossier");
    document.querySelector(`[data-id="${CSS.escape(this.opener ?? "")}"] .item`)?.focus();
  }

  /** Reads again when the open case is among those that changed. @param {string[]} cases */
  changed(cases) {
    if (this.case && cases.includes(this.case)) this.read();
  }

  async read() {
    const caseId = this.case;
    const answer = await fetch(`/v1/board/cases/${encodeURIComponent(caseId)}`);
    if (caseId !== this.case) return false;
    if (!answer.ok) {
      this.body.replaceChildren(el("p", { class: "error" }, "Ce dossier n’est pas visible."));
      return true;
    }
    this.show(await answer.json());
    return true;
  }

  show(found) {
    this.body.replaceChildren(
      head(found.case),
      el("h3", {}, "Feuille de route"),
      found.chain.length ? el("ol", { class: "chain" }, ...found.chain.map((step) => this.step(step))) : el("p", { class: "muted" }, "Pas encore de stratégie."),
      el("h3", {}, "Ce qui s’est passé"),
      el("ol", { class: "story" }, ...[...found.timeline].reverse().map(line)));
    refreshDues();
  }

  step(step) {
    const waits = step.list && step.words.owner;
    return el("li", { "data-state": step.state },
      el("div", { class: "step" }, el("strong", {}, step.words.need), el("span", { class: "chip", "data-state": step.state }, step.words.state)),
      el("small", {}, step.words.actor, step.words.reason ? ` · ${step.words.reason}` : ""),
      waits && awaited(step),
      step.handoffs.length > 0 && el("ul", {}, ...step.handoffs.map((handoff) => this.handoff(handoff))));
  }

  handoff(handoff) {
    const offer = handoff.offer_name === handoff.partner_name ? null : handoff.offer_name;
    const why = handoff.words.reason ?? handoff.words.outcome;
    return el("li", { "data-state": handoff.state },
      el("div", { class: "step" }, el("span", {}, handoff.partner_name ?? handoff.partner),
        el("span", { class: "chip", "data-state": handoff.escalated && handoff.list ? "escalated" : handoff.state }, handoff.list === "escalated" ? "délai épuisé" : handoff.words.state)),
      (offer || why) && el("small", {}, [offer, why].filter(Boolean).join(" · ")),
      handoff.list && awaited(handoff),
      explains && handoff.decision && shown("Pourquoi ce partenaire ?", () => reasons(handoff.decision)),
      handoff.list && buttons(handoff, `${handoff.partner_name ?? handoff.partner} · ${handoff.words.need}`, () => setTimeout(() => this.case && this.read(), 1500)));
  }
}

function head(given) {
  if (!given.words) return "";
  const facts = [given.words.commune, given.words.situation, given.words.stage,
    `${given.interviews} entretien${given.interviews > 1 ? "s" : ""}`, given.masked && "besoin différent de la demande", given.closed && "clos"];
  return el("div", {}, el("p", {}, el("strong", {}, given.operator_name ?? given.operator)),
    el("p", { class: "muted" }, facts.filter(Boolean).join(" · ")), el("p", { class: "muted id" }, given.id));
}

function awaited(item) {
  return el("p", { class: "awaited" }, `${capital(item.words.owner)} doit ${item.words.next ?? "agir"}`,
    item.due && el("span", {}, " · ", el("time", { datetime: item.due, "data-due": "" }, due(item.due).text)));
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const line = (event) => el("li", {}, el("time", { datetime: event.time }, short(event.time)), " ", el("span", {}, event.text,
  event.note && readsNotes && shown("Lire la note", async () => (await note(event.handoff, event.note)).text)));

/** A question whose answer is fetched when it is opened, and shown as text. */
function shown(question, fetchText) {
  const answer = el("p", { class: "told", "aria-live": "polite" });
  const open = async (event) => {
    if (!event.currentTarget.open || answer.textContent) return;
    answer.textContent = await fetchText().catch((refusal) => refusal.message);
  };
  return el("details", { class: "others", ontoggle: open }, el("summary", {}, question), answer);
}
