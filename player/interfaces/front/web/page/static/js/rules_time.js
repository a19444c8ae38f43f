// Times of day and hours of a week, between config.yaml's words and minutes.

export const DAY_MIN = 1440;
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const two = (number) => String(number).padStart(2, "0");

/** Minutes from midnight of "7:30" or "07:30:00"; null for anything else. */
export function minutesOf(text) {
  const match = /^(\d\d?):(\d\d)(:\d\d)?$/.exec(String(text).trim());
  return match && Number(match[1]) <= 24 && Number(match[2]) < 60 ? Number(match[1]) * 60 + Number(match[2]) : null;
}

/** "07:30"; the end of a day is "24:00", and what is beyond it a time of the next day. */
export function timeOf(minutes) {
  const rest = minutes > DAY_MIN ? minutes % DAY_MIN : minutes;
  return `${two(Math.floor(rest / 60))}:${two(rest % 60)}`;
}

function daysOf(words) {
  if (words.trim().toLowerCase() === "daily") return DAYS.map((_, n) => n);
  return words.toLowerCase().split(",").flatMap((part) => {
    const [first, last = first] = part.split("-").map((word) => DAYS.indexOf(word.trim()));
    return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, n) => (first + n) % 7);
  });
}

/** What "08:00-12:00,20:00-02:00", "open" or "closed" means: spans of minutes, which may go beyond a day. */
export function spansOf(text) {
  const words = text.trim().toLowerCase();
  if (words === "open") return [{ start: 0, end: DAY_MIN }];
  if (words === "closed") return [];
  return words.split(",").map((part) => {
    const [start, end] = part.split("-").map(minutesOf);
    return { start, end: end > start ? end : end + DAY_MIN };
  }).sort((one, other) => one.start - other.start);
}

/** Spans in config.yaml's words. */
export function textOf(spans) {
  if (!spans.length) return "closed";
  if (spans.length === 1 && spans[0].start === 0 && spans[0].end === DAY_MIN) return "open";
  return [...spans].sort((one, other) => one.start - other.start)
    .map(({ start, end }) => `${timeOf(start)}-${timeOf(end)}`).join(",");
}

/** The spans of each day, Monday first, of what `hours.open` says; without any day it is always open. */
export function weekOf(open) {
  const names = Object.keys(open);
  if (!names.length) return DAYS.map(() => spansOf("open"));
  const week = DAYS.map(() => []);
  for (const name of names.sort((one, other) => daysOf(other).length - daysOf(one).length)) {
    for (const day of daysOf(name)) week[day] = spansOf(open[name]);
  }
  return week;
}

const isSame = (one, other) => textOf(one) === textOf(other);

/**
 * `hours.open` for a week. The days stay together as they are in `before`, if they still are alike and it does not
 * take twice the lines.
 */
export function openOf(week, before) {
  if (week.every((spans) => textOf(spans) === "open")) return {};
  const named = Object.keys(before).filter((name) => name.trim().toLowerCase() !== "daily");
  const covered = new Set(named.flatMap(daysOf));
  const fits = Object.keys(before).every((name) => {
    const days = daysOf(name).filter((day) => named.includes(name) || !covered.has(day));
    return days.every((day) => isSame(week[day], week[days[0]]));
  });
  const daily = Object.keys(before).find((name) => !named.includes(name));
  const anew = grouped(week);
  const isShort = Object.keys(before).length < 2 * Object.keys(anew).length;
  if (Object.keys(before).length && isShort && fits && (daily || DAYS.every((_, day) => covered.has(day) || !week[day].length))) {
    return Object.fromEntries(Object.keys(before).map((name) => {
      const day = daysOf(name).find((each) => named.includes(name) || !covered.has(each)) ?? daysOf(name)[0];
      return [name, isSame(spansOf(before[name]), week[day]) ? before[name] : textOf(week[day])];
    }));
  }
  return anew;
}

function grouped(week) {
  const open = {};
  if (week.every((spans) => isSame(spans, week[0]))) return { daily: textOf(week[0]) };
  for (let first = 0; first < 7;) {
    let last = first;
    while (last < 6 && isSame(week[last + 1], week[first])) last += 1;
    open[last > first ? `${DAYS[first]}-${DAYS[last]}` : DAYS[first]] = textOf(week[first]);
    first = last + 1;
  }
  return open;
}
