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
 * Where a server asks for tokens, give `{token: async () => …}`, which fetches one: it is called when there is none,
 * before one expires, and after one was refused.
 *
 * Events: `change` (the transcript or the outbox), `status`, `presence`, `refused` (detail: {command, reply}), `gap`
 * (detail: {reason}; the history could not be continued and is fetched anew, whole), `denied` (detail: {code, message};
 * the session does not open with this token, or without one; it is tried again).
 */
import { backoff } from "./backoff.js";
import { EMPTY, cursorOf, fold, follows, known, unfold } from "./fold.js";
import { Line } from "./line.js";
import { Outbox, newKey } from "./outbox.js";
import { watchPage } from "./page.js";
import { Tab } from "./tab.js";
import { Token } from "./token.js";

const STABLE_MS = 5_000; // a connection that lived this long was a good one
const KEEP_MS = 500; // a tab that crashes is told again what came since
const DENIED = ["unauthorized", "forbidden"];
const TO_BLAME = [1009, 4400]; // too large, malformed: it must not be sent again

export class Session extends EventTarget {
  /** Everything that is known of the session; a new object whenever it changes. */
  transcript;
  /** `connecting`, `live`, `waiting` (until `retryAt`), `offline` (the same, without a network) or `closed`. */
  status = "closed";
  /** When the next attempt begins, milliseconds since 1970. */
  retryAt = 0;
  /** How many devices follow the session, this one among them; null while that is not known. */
  devices = null;

  #place;
  #tab;
  #token;
  #outbox;
  #line = null;
  #whole = false; // the history has to be fetched anew
  #attempt = 0;
  #awayMs = null;
  #liveAt = Infinity;
  #retrying;
  #keeping = null;
  #life = null; // ends the listeners on the page

  /** url: where the server is. token: gives a fresh token. */
  constructor(name, { url = location.origin, token = () => null, tab = new Tab(name) } = {}) {
    super();
    this.#place = new URL(`/v1/sessions/${encodeURIComponent(name)}`, url);
    this.#token = new Token(token);
    this.#tab = tab;
    this.transcript = tab.recall("transcript") ?? EMPTY;
    this.#outbox = new Outbox(tab);
  }

  /** Commands that were not acknowledged, oldest first: {type, id, …}; a new array whenever it changes. */
  get outbox() {
    return this.#outbox.waiting;
  }

  /** Connect, and stay connected. */
  open() {
    this.#life = new AbortController();
    watchPage({ rest: () => this.#rest(), keep: () => this.#keep(), check: () => this.check() }, this.#life.signal);
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
    if (this.#line === null) this.#connect();
    else this.#line.probe();
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
    const { command, replied } = this.#outbox.add(fields);
    this.#emit("change");
    if (this.status === "live") this.#send(command);
    return replied;
  }

  #settle(command, reply) {
    this.#outbox.settle(command, reply);
    this.#emit("change");
    if (!reply.ok) this.#emit("refused", { command, reply });
  }

  #connect() {
    clearTimeout(this.#retrying);
    this.#line = new Line(this.#place, this.#token, {
      opened: () => this.#subscribe(),
      heard: (message) => this.#receive(message),
      lost: (code, stood) => this.#lost(code, stood),
    });
    this.#tell("connecting");
  }

  #subscribe() {
    const cursor = this.#whole ? null : cursorOf(this.transcript);
    this.#send({ type: "subscribe", id: "subscribe", presence: true, ...(cursor ? { cursor } : { from: "fold" }) });
  }

  #receive(message) {
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
    this.#token.worked = true;
    this.#liveAt = Date.now();
    this.#tell("live");
    waiting.forEach((command) => this.#send(command));
  }

  #replied(reply) {
    const command = this.outbox.find(({ id }) => id === reply.id);
    if (reply.code === "unavailable") this.#lost(); // perhaps it took effect: ask again
    else if (command !== undefined) this.#settle(command, reply);
    else if (reply.id === "subscribe" && !reply.ok) this.#lost(undefined, false);
    else if (reply.id === "subscribe" && !reply.recovered) this.#gap(reply.gap?.reason);
  }

  /** The history cannot be continued from here. What is shown stays until all of it has come. */
  #gap(reason) {
    this.#whole = true;
    this.#lost();
    this.#emit("gap", { reason });
  }

  /** stood: there was a connection, so the session can be opened. */
  #lost(code, stood = true) {
    const [blamed] = this.status === "live" ? this.outbox : [];
    if (Date.now() - this.#liveAt > STABLE_MS) this.#attempt = 0;
    const wait = this.#awayMs ?? backoff(this.#attempt++);
    this.#drop();
    this.#retry(wait);
    if (!stood) this.#inquire();
    if (blamed && TO_BLAME.includes(code)) {
      // Commands are answered in order: the oldest is the one that the server choked on.
      this.#settle(blamed, { ok: false, code: "too-large", message: "the server does not take a message like this" });
    }
  }

  #retry(ms) {
    clearTimeout(this.#retrying);
    this.#retrying = setTimeout(() => this.#connect(), ms);
    this.retryAt = Date.now() + ms;
    this.#tell(navigator.onLine ? "waiting" : "offline"); // browsers are often wrong about that: try all the same
  }

  /** Find out why the session does not open. */
  async #inquire() {
    const { code, message, retry_ms } = (await this.#token.refusal(this.#place)) ?? {};
    if (this.#life === null) return;
    if (retry_ms && this.#line === null) this.#retry(retry_ms);
    if (!DENIED.includes(code)) return;
    const expired = this.#token.worked;
    this.#token.forget();
    if (expired) this.check();
    else this.#emit("denied", { code, message });
  }

  /** The page may never run again, or not for long: leave in good order. `check` comes back. */
  #rest() {
    this.#keep();
    this.#drop();
    this.#tell(this.#life ? "connecting" : "closed");
  }

  #drop() {
    clearTimeout(this.#retrying);
    this.#line?.close();
    this.#line = this.#awayMs = this.devices = null;
    this.#liveAt = Infinity;
  }

  #send(message) {
    this.#line?.send(message);
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
