// The player's HTTP API, as everything on the page uses it.

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

export const base = meta("base");

const AGAIN_MS = 700; // many pages may ask for the same at once; what is read waits for its turn

/** Why something was not done: `message` is a sentence for a person, `code` is for programs. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail);
    this.status = status;
    this.code = problem.code;
  }
}

/** What a request that changes something has to carry. */
export const changeHeaders = () => ({ "X-CSRF-Token": meta("csrf") });

/**
 * Ask the API. Resolves to its JSON answer, null if there is none; rejects with a Refusal.
 * `more` are headers of its own. Whoever has been logged out meanwhile is sent to log in.
 */
export async function ask(method, path, body, more = {}, tries = 5) {
  const headers = { Accept: "application/json", ...(method === "GET" ? {} : changeHeaders()), ...more };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(base + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Refusal(0, { code: "away", detail: "" });
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => ({ code: "failed", detail: "" }));
  if (response.ok) return answer;
  if (method === "GET" && answer.code === "busy" && tries > 1) {
    await new Promise((done) => { setTimeout(done, AGAIN_MS); });
    return ask(method, path, body, more, tries - 1);
  }
  if (response.status === 401 && path !== "/api/login") {
    location.assign(`${base}/login?then=${encodeURIComponent(location.pathname.slice(base.length))}`);
  }
  throw new Refusal(response.status, answer);
}

/** Give one of the player's commands. */
export const command = (name, fields = {}) => ask("POST", `/api/commands/${name}`, fields);
