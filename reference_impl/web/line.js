/** One connection to a session: a WebSocket that is given up when it says nothing. */

const SILENCE_MS = 3_000; // the server says something every second
const DIAL_MS = 10_000; // until a connection stands
const PROBE_MS = 1_000; // for the answer to a ping, when there is reason to doubt
const EXPIRED = 4401;
const RENEWAL = "renew";

export class Line {
  #token;
  #told;
  #socket = null;
  #stood = false;
  #over = false;
  #heardAt = 0;
  #watching;

  /**
   * place: the session's URL. token: a Token. told: `opened()`, `heard(message)`, and at most once `lost(code, stood)`;
   * nothing after `close`. stood: it had been a connection.
   */
  constructor(place, token, told) {
    this.#token = token;
    this.#told = told;
    this.#watch(DIAL_MS, Date.now());
    this.#dial(place).catch(() => this.#lose());
  }

  send(message) {
    this.#socket?.send(JSON.stringify(message)); // lost with the connection: whatever matters is sent again
  }

  /** Find out at once whether it lives. */
  probe() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.send({ type: "ping", id: "probe" });
    this.#watch(PROBE_MS, Date.now());
  }

  close() {
    this.#over = true;
    clearTimeout(this.#watching);
    this.#socket?.close();
  }

  async #dial(place) {
    const held = await this.#token.held();
    if (this.#over) return;
    const address = new URL(`${place}/ws`);
    address.protocol = address.protocol.replace("http", "ws");
    if (held) address.searchParams.set("token", held); // no header can be set
    this.#socket = new WebSocket(address);
    this.#socket.onopen = () => this.#over || this.#opened();
    this.#socket.onmessage = ({ data }) => this.#over || this.#heard(JSON.parse(data));
    this.#socket.onclose = ({ code }) => this.#lose(code);
  }

  #opened() {
    this.#stood = true;
    this.#watch(SILENCE_MS, Date.now());
    this.#told.opened();
  }

  #heard(message) {
    this.#heardAt = Date.now(); // a ping has done its work by this
    if (message.type === "token-expiring") this.#renew(message.in_ms);
    else if (message.id === RENEWAL) return; // when it is refused, the token before still counts until it expires
    else if (message.code === "unauthorized") this.#lose(EXPIRED);
    else this.#told.heard(message);
  }

  async #renew(ms) {
    const token = await this.#token.another(ms).catch(() => null); // without one, the server ends the connection
    if (token && !this.#over) this.send({ type: "renew", id: RENEWAL, token });
  }

  #lose(code) {
    if (this.#over) return;
    this.close();
    if (code === EXPIRED) this.#token.forget();
    this.#told.lost(code, this.#stood);
  }

  /** Give up when nothing is heard for so long. Timers of a hidden page are late; messages are not. */
  #watch(ms, since) {
    clearTimeout(this.#watching);
    this.#watching = setTimeout(() => {
      const alive = this.#heardAt >= since && Date.now() - this.#heardAt < SILENCE_MS;
      if (alive) this.#watch(this.#heardAt + SILENCE_MS - Date.now(), this.#heardAt);
      else this.#lose();
    }, ms);
  }
}
