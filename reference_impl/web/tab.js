/** What one tab remembers over a reload. Without storage (blocked, full) it forgets, and nothing else goes wrong. */
export class Tab {
  #name;
  #storage;

  constructor(name, storage = ownStorage()) {
    this.#name = `durable-session/1/${name}`; // 1: the shape of what is kept
    this.#storage = storage;
  }

  remember(what, value) {
    const key = `${this.#name}/${what}`;
    try {
      this.#storage?.setItem(key, JSON.stringify(value));
    } catch {
      this.#storage.removeItem(key); // full: better nothing than something old
    }
  }

  recall(what) {
    try {
      return JSON.parse(this.#storage?.getItem(`${this.#name}/${what}`) ?? "null");
    } catch {
      return null;
    }
  }
}

function ownStorage() {
  try {
    return globalThis.sessionStorage; // one per tab: what all tabs share would make one device of them
  } catch {
    return undefined;
  }
}
