/**
 * A device of a durable session (docs/protocol.md), over a WebSocket.
 *
 *     const session = new Session("my-session").open();
 *     session.addEventListener("change", () => draw(session.transcript, session.outbox));
 *     const reply = await session.prompt("Hello"); // {ok: true, run, duplicate} or {ok: false, code, message}
 *
 * The session outlives every connection, so this client does three things and no more: it goes on behind the last event
 * it has (a cursor), it sends what was not acknowledged again (every command is idempotent), and it gives up a
 * connection that says nothing. What it knows is kept in the tab, so that a reload is only one more reconnect.
 *
 * Events: `change` (the transcript or the outbox), `status`, `presence`, `refused` (detail: {command, reply}), `gap`
 * (detail: {reason}; the history could not be continued and is fetched anew, whole).
 */
import { EMPTY, cursorOf, fold, follows, known, unfold } from "./fold.js";
import { Tab } from "./tab.js";

const SILENCE_MS = 3_000; // the server says something every second
const DIAL_MS = 10_000; // until a connection stands
const PROBE_MS = 1_000; // for the answer to a ping, when there is reason to doubt
const STABLE_MS = 5_000; // a connection that lived this long was a good one
const FIRST_MS = 250;
const LONGEST_MS = 10_000;
const KEEP_MS = 500; // a tab that crashes is told again what came since
const TO_BLAME = [1009, 4400]; // too large, malformed: it must not be sent again

/** How long to wait before attempt n (from 0): anything up to a bound that doubles, so that a crowd comes back spread. */
export const backoff = (attempt, random = Math.random) => random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);

/** A key that nobody else has. (crypto.randomUUID is missing on pages that are not served over TLS.) */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Session extends EventTarget {
  /** Everything that is known of the session; a new object whenever it changes. */
  transcript;
  /** Commands that were not acknowledged, oldest first: {type, id, …}. */
  outbox;
  /** `connecting`, `live`, `waiting` (until `retryAt`), `offline` (the same, without a network) or `closed`. */
  status = "closed";
  /** When the next attempt begins, milliseconds since 1970. */
  retryAt = 0;
  /** How many devices follow the session, this one among them; null while that is not known. */
  devices = null;

  #place;
  #tab;
  #socket = null;
  #whole = false; // the history has to be fetched anew
  #attempt = 0;
  #awayMs = null;
  #heardAt = 0;
  #liveAt = Infinity;
  #watching;
  #retrying;
  #keeping = null;
  #replies = new Map(); // command id → who waits for its reply: nobody does after a reload
  #life = null; // ends the listeners on the page

  /** url: where the server is. */
  constructor(name, { url = location.origin, tab = new Tab(name) } = {}) {
    super();
    this.#place = new URL(`/v1/sessions/${encodeURIComponent(name)}/ws`, url);
    this.#place.protocol = this.#place.protocol.replace("http", "ws");
    this.#tab = tab;
    this.transcript = tab.recall("transcript") ?? EMPTY;
    this.outbox = tab.recall("outbox") ?? [];
  }

  /** Connect, and stay connected. */
  open() {
    this.#life = new AbortController();
    const on = (target, type, act) => target.addEventListener(type, act, { signal: this.#life.signal });
    on(window, "pagehide", () => this.#rest());
    on(document, "freeze", () => this.#rest());
    on(document, "resume", () => this.check());
    on(window, "pageshow", () => this.check());
    on(window, "online", () => this.check());
    on(document, "visibilitychange", () => (document.hidden ? this.#keep() : this.check()));
    this.#connect();
    return this;
  }

  /** Leave. The session and its runs go on. */
  close() {
    this.#life?.abort();
    this.#life = null;
    this.#rest();
  }

  /** Find out at once whether the connection lives, or make one: after sleep, on a new network, when somebody asks. */
  check() {
    if (this.#life === null) return;
    if (this.#socket === null) this.#connect();
    else if (this.#socket.readyState === WebSocket.OPEN) {
      this.#send({ type: "ping", id: newKey() });
      this.#watch(PROBE_MS, Date.now());
    }
  }

  /** Ask. key: names the prompt for `stop` before its run has an id. policy: what it does to a run that goes on. */
  prompt(text, { key = newKey(), policy } = {}) {
    return this.#command({ type: "prompt", key, text: text.toWellFormed(), policy });
  }

  /** Stop a run: by its id, or by the key of its prompt. */
  stop({ run, key }) {
    return this.#command({ type: "stop", run, key });
  }

  /** Wish something of a run that goes on; what becomes of it is in the transcript. */
  steer(run, text) {
    return this.#command({ type: "steer", run, key: newKey(), text: text.toWellFormed() });
  }

  /** Answer what a run asks. The first answer of any device counts. */
  approve(approval, granted) {
    return this.#command({ type: "approve", approval, granted });
  }

  #command(fields) {
    const command = { ...fields, id: newKey() };
    const replied = new Promise((resolve) => this.#replies.set(command.id, resolve));
    this.#pend([...this.outbox, command]);
    if (this.status === "live") this.#send(command);
    return replied;
  }

  #settle(command, reply) {
    this.#pend(this.outbox.filter((each) => each !== command));
    this.#replies.get(command.id)?.(reply);
    this.#replies.delete(command.id);
    if (!reply.ok) this.#emit("refused", { command, reply });
  }

  #pend(outbox) {
    this.outbox = outbox;
    this.#tab.remember("outbox", outbox);
    this.#emit("change");
  }

  #connect() {
    clearTimeout(this.#retrying);
    const socket = (this.#socket = new WebSocket(this.#place));
    socket.onopen = () => socket === this.#socket && this.#subscribe();
    socket.onmessage = ({ data }) => socket === this.#socket && this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.#socket && this.#lost(code);
    this.#watch(DIAL_MS, Date.now());
    this.#tell("connecting");
  }

  #subscribe() {
    const cursor = this.#whole ? null : cursorOf(this.transcript);
    this.#send({ type: "subscribe", id: "subscribe", presence: true, ...(cursor ? { cursor } : { from: "fold" }) });
    this.#watch(SILENCE_MS, Date.now());
  }

  #receive(message) {
    this.#heardAt = Date.now(); // a ping has done its work by this
    if (message.type === "event") this.#take(message);
    else if (message.type === "folded") this.#unfold(message);
    else if (message.type === "caught-up") this.#live();
    else if (message.type === "reply") this.#replied(message);
    else if (message.type === "away") this.#awayMs = message.retry_ms;
    else if (message.type === "presence") {
      this.devices = message.devices;
      this.#emit("presence");
    }
  }

  #take(event) {
    if (known(this.transcript, event)) return;
    if (follows(this.transcript, event)) this.#become(fold(this.transcript, event));
    else this.#gap("hole"); // no server that is right sends this; a text with a hole in it would be worse
  }

  #unfold(message) {
    this.#whole = false;
    this.#become(unfold(message));
  }

  #become(transcript) {
    this.transcript = transcript;
    this.#keeping ??= setTimeout(() => this.#keep(), KEEP_MS);
    this.#emit("change");
  }

  #live() {
    const waiting = this.outbox;
    this.#liveAt = Date.now();
    this.#tell("live");
    waiting.forEach((command) => this.#send(command));
  }

  #replied(reply) {
    const command = this.outbox.find(({ id }) => id === reply.id);
    if (reply.code === "unavailable") this.#lost(); // perhaps it took effect: ask again
    else if (command !== undefined) this.#settle(command, reply);
    else if (reply.id === "subscribe" && reply.recovered === false) this.#gap(reply.gap?.reason);
  }

  /** The history cannot be continued from here. What is shown stays until all of it has come. */
  #gap(reason) {
    this.#whole = true;
    this.#lost();
    this.#emit("gap", { reason });
  }

  #lost(code) {
    const [blamed] = this.status === "live" ? this.outbox : [];
    if (Date.now() - this.#liveAt > STABLE_MS) this.#attempt = 0;
    const wait = this.#awayMs ?? backoff(this.#attempt++);
    this.#drop();
    this.retryAt = Date.now() + wait;
    this.#retrying = setTimeout(() => this.#connect(), wait);
    this.#tell(navigator.onLine ? "waiting" : "offline"); // browsers are often wrong about that: try all the same
    if (blamed && TO_BLAME.includes(code)) {
      // Commands are answered in order: the oldest is the one that the server choked on.
      this.#settle(blamed, { ok: false, code: "too-large", message: "the server does not take a message like this" });
    }
  }

  /** The page may never run again, or not for long: leave in good order. `check` comes back. */
  #rest() {
    this.#keep();
    this.#drop();
    this.#tell(this.#life ? "connecting" : "closed");
  }

  #drop() {
    clearTimeout(this.#watching);
    clearTimeout(this.#retrying);
    this.#socket?.close();
    this.#socket = this.#awayMs = this.devices = null;
    this.#liveAt = Infinity;
  }

  /** Give the connection up when nothing is heard for so long. Timers of a hidden page are late; messages are not. */
  #watch(ms, since) {
    clearTimeout(this.#watching);
    this.#watching = setTimeout(() => {
      const alive = this.#heardAt >= since && Date.now() - this.#heardAt < SILENCE_MS;
      if (alive) this.#watch(this.#heardAt + SILENCE_MS - Date.now(), this.#heardAt);
      else this.#lost();
    }, ms);
  }

  #send(message) {
    this.#socket?.send(JSON.stringify(message)); // lost with the connection: whatever matters is in the outbox
  }

  #tell(status) {
    this.status = status;
    this.#emit("status");
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #keep() {
    clearTimeout(this.#keeping);
    this.#keeping = null;
    this.#tab.remember("transcript", this.transcript);
  }
}
