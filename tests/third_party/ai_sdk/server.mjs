// A chat on the unmodified AI SDK, as its guides build one, with a model that counts: `word-0001 word-0002 …`.
//
// VARIANT  plain-noconsume  nothing but the stream: nobody reads it when the browser is gone
//          plain            `consumeSseStream: consumeStream`, as the guide on message persistence has it
//          abort            … and generation is aborted when the connection closes, as "Stopping streams" has it
//          resumable        `resumable-stream` on Redis and a stop endpoint, as "Chatbot resume streams" has it
//          resumable-abort  both at once, which the guides warn of, and no stop endpoint
// PORT (0: any), WORDS, PACE_MS, REDIS_URL (for the resumable ones)
//
// GET /_oracle?id=<chat> is a side channel: what really happened to each run. The audit never asks it; its test does.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import {
  consumeStream,
  convertToModelMessages,
  createUIMessageStreamResponse,
  generateId,
  streamText,
  toUIMessageStream,
  UI_MESSAGE_STREAM_HEADERS,
} from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { createResumableStreamContext } from 'resumable-stream';

const { VARIANT = 'plain', PORT = '0', WORDS = '80', PACE_MS = '8' } = process.env;
const VARIANTS = ['plain-noconsume', 'plain', 'abort', 'resumable', 'resumable-abort'];
if (!VARIANTS.includes(VARIANT)) throw new Error(`VARIANT is one of ${VARIANTS.join(', ')}`);
const resumable = VARIANT.startsWith('resumable');
const drained = VARIANT === 'plain' || VARIANT === 'abort';
const abortsOnClose = VARIANT.endsWith('abort');
const stoppable = VARIANT === 'resumable';
// Outside of a serverless function there is nothing to keep alive for what goes on after the response.
const streams = resumable ? createResumableStreamContext({ waitUntil: (work) => void work.catch(() => {}) }) : null;

const chats = new Map();

function chatOf(id) {
  if (!chats.has(id)) chats.set(id, { messages: [], activeStreamId: null, runs: [] });
  return chats.get(id);
}

/** One generation. produced: words the model has made, now, when its browser was lost, and when stop was called. */
function newRun() {
  return { produced: 0, atDisconnect: null, atStop: null, model: 'running', answer: 'running', abort: new AbortController() };
}

async function* speech(run, signal) {
  try {
    yield { type: 'stream-start', warnings: [] };
    yield { type: 'text-start', id: 'answer' };
    while (run.produced < Number(WORDS)) {
      await pause(Number(PACE_MS), undefined, { signal }); // an aborted request to a provider throws, too
      run.produced += 1;
      yield { type: 'text-delta', id: 'answer', delta: `word-${String(run.produced).padStart(4, '0')} ` };
    }
    run.model = 'finished';
    yield { type: 'text-end', id: 'answer' };
    const usage = { inputTokens: { total: 1, noCache: 1 }, outputTokens: { total: run.produced, text: run.produced } };
    yield { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage };
  } catch (error) {
    run.model = 'aborted';
    throw error;
  } finally {
    if (run.model === 'running') run.model = 'cancelled';
  }
}

function modelOf(run) {
  return new MockLanguageModelV4({
    doStream: async ({ abortSignal }) => ({ stream: ReadableStream.from(speech(run, abortSignal)) }),
  });
}

async function prompt(req, res) {
  const { id, message } = await bodyOf(req);
  const chat = chatOf(id);
  const run = newRun();
  chat.runs.push(run);
  chat.messages = [...chat.messages, message];
  chat.activeStreamId = null;
  res.on('close', () => {
    if (res.writableFinished) return;
    run.atDisconnect = run.produced;
    if (abortsOnClose) run.abort.abort();
  });
  const result = streamText({
    model: modelOf(run),
    messages: await convertToModelMessages(chat.messages),
    abortSignal: run.abort.signal,
    onError: () => {},
  });
  const stream = toUIMessageStream({
    stream: result.stream,
    originalMessages: chat.messages,
    generateMessageId: generateId,
    onEnd: ({ messages, isAborted, isCancelled }) => {
      run.answer = isAborted ? 'aborted' : isCancelled ? 'cancelled' : 'finished';
      chat.messages = messages;
      if (chat.runs.at(-1) === run) chat.activeStreamId = null;
    },
  });
  const consumeSseStream = resumable ? (sse) => keep(chat, run, sse.stream) : drained ? consumeStream : undefined;
  await send(res, createUIMessageStreamResponse({ stream, consumeSseStream }));
}

async function keep(chat, run, stream) {
  const streamId = generateId();
  await streams.createNewResumableStream(streamId, () => stream);
  if (run.answer === 'running') chat.activeStreamId = streamId;
}

async function resume(res, id) {
  const { activeStreamId } = chatOf(id);
  const stream = activeStreamId && (await streams.resumeExistingStream(activeStreamId));
  const live = stream && new Response(stream.pipeThrough(new TextEncoderStream()), { headers: UI_MESSAGE_STREAM_HEADERS });
  await send(res, live || new Response(null, { status: 204 }));
}

/** Stops what is running, unless the body names another stream (the guide sends its id where the browser knows it). */
async function stop(req, res, id) {
  const chat = chatOf(id);
  const { activeStreamId = chat.activeStreamId } = await bodyOf(req);
  if (chat.activeStreamId !== null && activeStreamId === chat.activeStreamId) {
    const run = chat.runs.at(-1);
    run.atStop = run.produced;
    run.abort.abort();
    chat.activeStreamId = null;
  }
  await send(res, Response.json({ success: true }));
}

async function bodyOf(req) {
  const chunks = await req.toArray();
  return chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : {};
}

/** When the browser hangs up the response's body is cancelled, as servers of web responses do. */
async function send(res, response) {
  res.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) await pipeline(Readable.fromWeb(response.body), res).catch(() => {});
  else res.end();
}

async function route(req, res) {
  const url = new URL(req.url, 'http://localhost');
  const [, id, action = ''] = url.pathname.match(/^\/api\/chat\/([^/]+)(?:\/(stream|stop))?$/) ?? [];
  switch (`${req.method} ${id ? `chat ${action}`.trim() : url.pathname}`) {
    case 'POST /api/chat':
      return prompt(req, res);
    case 'GET chat':
      return send(res, Response.json({ id, messages: chatOf(id).messages }));
    case 'GET chat stream':
      if (resumable) return resume(res, id);
      break;
    case 'POST chat stop':
      if (stoppable) return stop(req, res, id);
      break;
    case 'GET /_oracle':
      return send(res, Response.json(chatOf(url.searchParams.get('id')).runs.map(({ abort, ...told }) => told)));
  }
  return send(res, Response.json({ error: 'not found' }, { status: 404 }));
}

const server = createServer((req, res) =>
  route(req, res).catch((error) => {
    console.error(error);
    res.destroy();
  }),
);
server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
