/** Commands on their way: each is sent again until it is answered, over a reload too. */

/** A key that nobody else has. (crypto.randomUUID is missing on pages that are not served over TLS.) */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Outbox {
  /** Not acknowledged yet, oldest first: {type, id, …}. */
  waiting;

  #tab;
  #replies = new Map(); // command id → who waits for its reply: nobody does after a reload

  constructor(tab) {
    this.#tab = tab;
    this.waiting = tab.recall("outbox") ?? [];
  }

  /** A new command: {command, replied}; replied: a promise of its reply. */
  add(fields) {
    const command = { ...fields, id: newKey() };
    const replied = new Promise((resolve) => this.#replies.set(command.id, resolve));
    this.#become([...this.waiting, command]);
    return { command, replied };
  }

  /** It was answered: it is never sent again. */
  settle(command, reply) {
    this.#become(this.waiting.filter((each) => each !== command));
    this.#replies.get(command.id)?.(reply);
    this.#replies.delete(command.id);
  }

  #become(waiting) {
    this.waiting = waiting;
    this.#tab.remember("outbox", waiting);
  }
}
