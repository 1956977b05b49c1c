/** What lets a page into a session (docs/protocol.md, Tokens): held in memory, and written nowhere. */

const ANSWER_MS = 10_000;

export class Token {
  /** It has opened the session before. When it is refused now, it has expired. */
  worked = false;

  #ask;
  #held; // undefined: nobody was asked yet; null: there is none
  #since = 0;

  /** ask: gives a fresh token, or nothing where none is needed; perhaps later. */
  constructor(ask) {
    this.#ask = ask;
  }

  /** The token there is, or a fresh one. */
  async held() {
    return this.#held ?? this.#fresh();
  }

  /** Another token, for one that expires in so many milliseconds; null when there is no other. */
  async another(ms) {
    const before = this.#held;
    const young = Date.now() - this.#since < ms; // they all live so short: do not ask without pause
    if (young) await new Promise((resolve) => setTimeout(resolve, ms / 2));
    const token = await this.#fresh();
    return token === before ? null : token;
  }

  /** It is not good any more: ask, the next time. */
  forget() {
    this.#held = undefined;
    this.worked = false;
  }

  /**
   * Why the session does not open: a browser does not tell of a WebSocket. Null when it would, when nobody answers, or
   * when the next attempt is made with another token.
   */
  async refusal(place) {
    if (this.#held === undefined) return null;
    const headers = this.#held ? { Authorization: `Bearer ${this.#held}` } : {};
    try {
      const answer = await fetch(place, { headers, cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
      return answer.ok ? null : await answer.json();
    } catch {
      return null;
    }
  }

  async #fresh() {
    this.#held = (await this.#ask()) || null;
    this.#since = Date.now();
    return this.#held;
  }
}
