// What the owner has changed and not saved yet: values by the keys of settings, over what config.yaml says.

/** As text in which the order of a section's keys does not count: config.yaml may have another one. */
const textOf = (value) => JSON.stringify(value, (_, inner) => (
  inner && typeof inner === "object" && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort()) : inner
));
const same = (one, other) => textOf(one) === textOf(other);
const copied = (value) => (value === undefined ? undefined : structuredClone(value));

function found(values, key) {
  let here = values;
  for (const part of key.split(".")) here = here?.[part];
  return here;
}

/** A draft on top of `config`, which has `etag` and `values`. Whoever listens is told after every change. */
export function draftOf(config) {
  let { etag, values } = config;
  const changes = new Map();
  const listeners = [];
  const tell = (source) => { for (const listener of listeners) listener(source); };

  return {
    get etag() { return etag; },
    get count() { return changes.size; },
    get changes() { return Object.fromEntries(changes); },
    listen(listener) { listeners.push(listener); },

    /** A copy of a setting's value as it would be. */
    get: (key) => copied(changes.has(key) ? changes.get(key) : found(values, key)),

    /** A copy of what config.yaml says. */
    saved: (key) => copied(found(values, key)),

    /** Let a setting be this; `source` is who says so, and need not show it again. */
    set(key, value, source) {
      if (same(value, found(values, key) ?? null)) changes.delete(key);
      else changes.set(key, copied(value));
      tell(source);
    },
    discard() { changes.clear(); tell(); },

    /** These changes are saved. What config.yaml says of them may be shown otherwise: a command by its program alone. */
    settle(saved) {
      for (const [key, value] of Object.entries(saved)) if (same(changes.get(key) ?? null, value)) changes.delete(key);
    },

    /** What config.yaml says now, with what was changed here on top. Returns the keys that both have changed. */
    rebase(newer) {
      const before = values;
      ({ etag, values } = newer);
      const both = [...changes.keys()].filter((key) => !same(found(before, key), found(values, key)));
      for (const [key, value] of [...changes]) if (same(value, found(values, key) ?? null)) changes.delete(key);
      tell();
      return both.filter((key) => changes.has(key));
    },
  };
}
