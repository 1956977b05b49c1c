// The vendor's conformance suite, against the server at CONFORMANCE_URL.
import { runConformanceTests } from '@durable-streams/server-conformance-tests';

runConformanceTests({ baseUrl: process.env.CONFORMANCE_URL });
