// The vendor's reference server, unmodified: in memory, or in files under DATA_DIR. For benchmarks.
import { DurableStreamTestServer } from '@durable-streams/server';

const { PORT, DATA_DIR } = process.env;
const server = new DurableStreamTestServer({ port: Number(PORT), host: '127.0.0.1', ...(DATA_DIR && { dataDir: DATA_DIR }) });
await server.start();
console.log(`listening on http://127.0.0.1:${PORT}`);
