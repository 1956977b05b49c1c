/**
 * What the events of a session add up to: a transcript, as one page shows it. Pure, like the server's own fold
 * (session/state.py): nothing is changed in place, so whatever is still the same object needs no drawing again.
 *
 * @typedef {object} Message
 * @property {"user" | "assistant" | "steer" | "approval"} role
 * @property {string} id
 * @property {string} run whose answer it is, or which run the user's message began
 * @property {string} text
 * @property {string} [key] user: the prompt's key
 * @property {boolean} [queued] user: its run has not begun
 * @property {string} [ending] assistant: running, stopping, completed, stopped, failed, superseded
 * @property {string} [error] assistant: why it failed
 * @property {string} [agent] assistant: the sub-agent that says it
 * @property {string} [outcome] steer: taken, refused, too-late; empty while nobody knows
 * @property {boolean} [open] approval: it waits for an answer
 * @property {boolean | null} [granted] approval: the answer; null when the run ended without one
 *
 * @typedef {{epoch: string | null, offset: number, messages: readonly Message[]}} Transcript
 */

/** A session of which nothing is known. @type {Transcript} */
export const EMPTY = Object.freeze({ epoch: null, offset: 0, messages: Object.freeze([]) });

/** The place behind which to go on; null when nothing is known yet. */
export const cursorOf = ({ epoch, offset }) => (epoch === null ? null : `${epoch}:${offset}`);

/** Is this event the very next one? */
export const follows = (transcript, event) =>
  transcript.epoch === null
    ? event.offset === 1
    : event.epoch === transcript.epoch && event.offset === transcript.offset + 1;

/** Was this event taken in already? */
export const known = (transcript, event) => event.epoch === transcript.epoch && event.offset <= transcript.offset;

/** The transcript in a `folded` message, which stands for every event up to its cursor. @returns {Transcript} */
export function unfold({ cursor, messages, approvals = [] }) {
  const colon = cursor.lastIndexOf(":");
  const answered = new Set(messages.filter(({ role }) => role === "assistant").map(({ run }) => run));
  const said = messages.map(({ role, id, run, text, key, ending, error, agent }) =>
    role === "user"
      ? { role, id, run, text, key, queued: !answered.has(run) }
      : { role, id, run, text, ending, ...(error ? { error } : {}), ...(agent ? { agent } : {}) },
  );
  return {
    epoch: cursor.slice(0, colon),
    offset: Number(cursor.slice(colon + 1)),
    messages: [...said, ...approvals.map(({ id, run, what }) => ({ role: "approval", id, run, text: what, open: true }))],
  };
}

/** The transcript after its next event. Kinds that are not known change nothing. @returns {Transcript} */
export function fold(transcript, event) {
  const apply = KINDS[event.kind] ?? ((messages) => messages);
  return { epoch: event.epoch, offset: event.offset, messages: apply(transcript.messages, event.run, event.data) };
}

/** Runs that have not ended, oldest first: `{run, state}`; a run is queued, running or stopping. */
export const going = ({ messages }) =>
  messages.flatMap(({ run, queued, agent, ending }) => {
    const state = queued ? "queued" : agent ? undefined : ending;
    return ["queued", "running", "stopping"].includes(state) ? [{ run, state }] : [];
  });

/** The messages in the order to read them: each run's together, in the order of the prompts. */
export function inTurns(messages) {
  const turns = new Map();
  for (const each of messages) turns.has(each.run) ? turns.get(each.run).push(each) : turns.set(each.run, [each]);
  return [...turns.values()].flat();
}

const KINDS = {
  user: (messages, run, { id, text, key }) => [...messages, { role: "user", id, run, text, key, queued: true }],
  "run-start": (messages, run) => answered(messages, run, { ending: "running" }),
  text: said,
  stop: (messages, run) => answering(messages, run, { ending: "stopping" }),
  "run-end": (messages, run, { reason, error }) =>
    answered(messages, run, { ending: reason, ...(error ? { error } : {}) }),
  steer: (messages, run, { id, text }) => [...messages, { role: "steer", id, run, text, outcome: "" }],
  "steer-outcome": (messages, _, { id, outcome }) => change(messages, (each) => each.id === id, { outcome }),
  "approval-request": (messages, run, { id, what }) => [
    ...messages,
    { role: "approval", id, run, text: what, open: true },
  ],
  approval: (messages, _, { id, granted }) => change(messages, (each) => each.id === id, { open: false, granted }),
};

function said(messages, run, { text, agent }) {
  const id = agent ? `a_${run}_${agent}` : `a_${run}`;
  const at = messages.findLastIndex((each) => each.id === id);
  if (at >= 0) return messages.with(at, { ...messages[at], text: messages[at].text + text });
  return [...messages, { role: "assistant", id, run, text, ending: "running", ...(agent ? { agent } : {}) }];
}

/** The run is not queued any more and has an answer, be it an empty one. */
function answered(messages, run, fields) {
  const begun = messages.some((each) => each.queued && each.run === run)
    ? messages.map((each) => (each.queued && each.run === run ? { ...each, queued: false } : each))
    : messages;
  const has = begun.some((each) => each.id === `a_${run}`);
  return answering(has ? begun : [...begun, { role: "assistant", id: `a_${run}`, run, text: "" }], run, fields);
}

/** Everything that the run says, its sub-agents' parts too. */
const answering = (messages, run, fields) =>
  change(messages, (each) => each.role === "assistant" && each.run === run, fields);

const change = (messages, which, fields) => messages.map((each) => (which(each) ? { ...each, ...fields } : each));
