/** Draws messages: one list item each, changed where the message changed, so that a selection in it survives. */

const ENDINGS = {
  completed: "",
  stopping: "stopping…",
  stopped: "Stopped",
  failed: "Failed",
  superseded: "Cut short by a newer prompt",
  unknown: "Ended",
};
const OUTCOMES = { "": "waiting for the agent", taken: "taken", refused: "refused", "too-late": "too late" };

/** How a run ended, for people; empty while it goes on, and when it ended as it should. */
export const endingOf = ({ ending, error }) =>
  ending === "running" ? "" : (ENDINGS[ending] ?? ENDINGS.unknown) + (error ? `: ${error}` : "");

export class View {
  #list;
  #drawn = new Map(); // message id → {item, message}

  constructor(list) {
    this.#list = list;
  }

  /** Show these messages, in this order, and no others. */
  draw(messages) {
    const before = this.#drawn;
    this.#drawn = new Map(messages.map((message) => [message.id, this.#draw(before.get(message.id), message)]));
    for (const [id, { item }] of before) if (!this.#drawn.has(id)) item.remove();
    let place = this.#list.firstElementChild;
    for (const { item } of this.#drawn.values()) {
      if (item === place) place = place.nextElementSibling;
      else this.#list.insertBefore(item, place);
    }
  }

  #draw(drawn, message) {
    if (drawn?.message === message) return drawn;
    const item = drawn?.item ?? made(message);
    write(item.querySelector(".text"), message.text);
    DRAW[message.role](item, message);
    return { item, message };
  }
}

const DRAW = {
  user(item, { queued, sending }) {
    item.dataset.state = sending ? "sending" : queued ? "queued" : "";
    note(item, sending ? "sending…" : queued ? "waiting for its turn" : "");
  },
  assistant(item, message) {
    const { agent, ending } = message;
    item.classList.toggle("sub", agent !== undefined);
    item.dataset.ending = ending;
    if (agent) item.querySelector(".who").textContent = agent;
    item.querySelector(".who").classList.toggle("vh", !agent);
    note(item, agent ? "" : endingOf(message));
  },
  steer(item, { outcome }) {
    item.dataset.outcome = outcome;
    note(item, OUTCOMES[outcome] ?? outcome);
  },
  approval(item, { id, open, granted }) {
    item.dataset.approval = id;
    item.dataset.state = open ? "open" : String(granted);
    item.querySelector(".answers").hidden = !open;
    item.querySelector(".label").textContent = open ? "Approval needed" : "Approval";
    note(item, open ? "" : granted === null ? "Nobody answered before the run ended" : granted ? "Approved" : "Denied");
  },
};

const TEMPLATES = { steer: "steered" };

function made({ role, id }) {
  const item = document.getElementById(TEMPLATES[role] ?? role).content.firstElementChild.cloneNode(true);
  item.id = `m-${id}`;
  return item;
}

/** Text only grows while an answer goes on: then only what is new is added. */
function write(element, text) {
  const node = element.firstChild ?? element.appendChild(document.createTextNode(""));
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}

function note(item, text) {
  const element = item.querySelector(".note");
  element.textContent = text;
  element.hidden = text === "";
}
