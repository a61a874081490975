/** Dates as people say them, in French. */

const DAY = new Intl.DateTimeFormat("fr-FR", { weekday: "long", day: "numeric", month: "long" });
const SHORT = new Intl.DateTimeFormat("fr-FR", { day: "numeric", month: "short" });
const WHOLE = new Intl.DateTimeFormat("fr-FR", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const NBSP = "\u00a0";
const UNITS = [[86400, "jour"], [3600, "heure"], [60, "minute"], [1, "seconde"]];

/** The first of a month is "1er". @param {string} text */
const ordinal = (text) => text.replace(/(?<!\d)1(?=\s)/u, "1er");

function hour(iso) {
  const at = new Date(iso);
  return `${at.getHours()} h ${String(at.getMinutes()).padStart(2, "0")}`;
}

/** A day without its year where that is this one. */
function day(format, iso) {
  const at = new Date(iso);
  const written = ordinal(format.format(at));
  return at.getFullYear() === new Date().getFullYear() ? written : `${written} ${at.getFullYear()}`;
}

/** "mardi 3 mars à 9 h 05", "vendredi 1er janvier 2027 à 9 h 05" in 2026. @param {string} iso */
export const dayAndTime = (iso) => `${day(DAY, iso)} à ${hour(iso)}`;
/** "3 mars à 9 h 05", "1er janv. 2027 à 9 h 05" in 2026. @param {string} iso */
export const short = (iso) => `${day(SHORT, iso)} à ${hour(iso)}`;

/**
 * "du 3 au 28 mars 2026", "du 3 mars 2026" for one day: two days, the same wherever they are read.
 * @param {string} first
 * @param {string} last
 */
export function span(first, last) {
  const [day, month, year] = parts(last);
  const from = parts(first);
  const to = [day, month, year].join(NBSP);
  if (first === last) return `du ${to}`;
  const same = from[2] !== year ? 3 : from[1] === month ? 1 : 2;
  return `du ${from.slice(0, same).join(NBSP)} au ${to}`;
}

function parts(day) {
  const [first, ...others] = WHOLE.format(new Date(day)).split(" ");
  return [first === "1" ? "1er" : first, ...others];
}

/**
 * How far a due date is, and how pressing: "dans 3 jours", "en retard de 2 heures".
 * @param {string|null} iso
 * @param {number} [now]
 * @returns {{text: string, level: "late"|"soon"|"later"|"none"}}
 */
export function due(iso, now = Date.now()) {
  if (!iso) return { text: "sans délai", level: "none" };
  const seconds = Math.round((new Date(iso).getTime() - now) / 1000);
  const size = Math.abs(seconds);
  const [length, unit] = /** @type {[number, string]} */ (UNITS.find(([length]) => size >= length) ?? [1, "seconde"]);
  const number = Math.floor(size / length);
  const text = `${number} ${unit}${number > 1 ? "s" : ""}`;
  if (seconds < 0) return { text: `en retard de ${text}`, level: "late" };
  return { text: `dans ${text}`, level: seconds < 2 * 86400 ? "soon" : "later" };
}

/** Refreshes every `<time data-due>` of the page. */
export function refreshDues() {
  for (const time of document.querySelectorAll("time[data-due]")) {
    const { text, level } = due(time.getAttribute("datetime"));
    if (time.textContent !== text) time.textContent = text;
    time.setAttribute("data-due", level);
  }
}
