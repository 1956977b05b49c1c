// k6: one virtual user a device; parses every event, checks its offset and word, adds its delay to a Trend.
import ws from 'k6/ws';
import { Counter, Trend } from 'k6/metrics';
import exec from 'k6/execution';

const port = __ENV.BENCH_PORT;
const devices = Number(__ENV.BENCH_DEVICES);
const words = Number(__ENV.BENCH_WORDS);
const pace = Number(__ENV.BENCH_PACE_MS);
const FIRST_WORD = 3;

const verified = new Counter('verified');
const wrong = new Counter('wrong');
const delay = new Trend('item_delay', true);

export const options = {
  scenarios: {
    follow: { executor: 'per-vu-iterations', vus: devices, iterations: 1, maxDuration: '120s', gracefulStop: '0s' },
  },
};

export default function () {
  const number = exec.vu.idInTest;
  let expected = 1;
  let right = 0;
  let base = Infinity;
  ws.connect(`ws://127.0.0.1:${port}/v1/sessions/k-${number}/ws`, {}, (socket) => {
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'subscribe', id: '1' }));
      socket.send(JSON.stringify({ type: 'prompt', id: '2', key: `k-${number}`, text: 'count' }));
    });
    socket.on('message', (message) => {
      const event = JSON.parse(message);
      if (event.kind === 'text') {
        const now = Date.now();
        base = Math.min(base, now - expected * pace);
        const word = 'tok-' + String(expected).padStart(4, '0') + ' ';
        if (event.offset === FIRST_WORD - 1 + expected && event.data.text === word) right++;
        delay.add(now - base - expected * pace);
        expected++;
      } else if (event.kind === 'run-end') {
        socket.close();
      }
    });
  });
  verified.add(right);
  wrong.add(words - right);
}

export function handleSummary(data) {
  const count = (name) => (data.metrics[name] ? data.metrics[name].values.count : 0);
  return { stdout: JSON.stringify({ verified: count('verified'), wrong: count('wrong') }) };
}
