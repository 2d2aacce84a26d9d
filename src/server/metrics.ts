import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Seconds: from a cached page to the deadline of a statement. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What a node counts about itself. Every server has its own registry, so that two in one process do not mix. */
export interface Metrics {
  registry: Registry;
  httpSeconds: Histogram<'method' | 'route' | 'status'>;
  connections: Gauge<'dialect'>;
  framesIn: Counter<'dialect'>;
  framesOut: Counter;
  deliveredBytes: Counter;
  lagCloses: Counter;
  lags: Counter;
  encodings: Counter<'dialect'>;
  batchRows: Histogram;
  batchSeconds: Histogram;
  /** `outcome`: ok, duplicate, conflict, no_chat, session_revoked. */
  sends: Counter<'outcome'>;
}

/** Makes the metrics of one server, the process's own figures (memory, event loop, garbage collection) among them. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    ...createHttpMetrics(registers),
    ...createSocketMetrics(registers),
    ...createWriterMetrics(registers),
  };
}

const createHttpMetrics = (registers: Registry[]): Pick<Metrics, 'httpSeconds'> => ({
  httpSeconds: new Histogram({
    name: 'messenger_http_request_seconds',
    help: 'Time from the head of a request to the end of its answer, by route pattern.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: durationBuckets,
    registers,
  }),
});

const createSocketMetrics = (
  registers: Registry[],
): Pick<Metrics, 'connections' | 'framesIn' | 'framesOut' | 'deliveredBytes' | 'lagCloses' | 'lags' | 'encodings'> => ({
  connections: new Gauge({
    name: 'messenger_connections',
    help: 'Open sockets.',
    labelNames: ['dialect'] as const,
    registers,
  }),
  framesIn: new Counter({
    name: 'messenger_frames_in_total',
    help: 'Frames that clients sent.',
    labelNames: ['dialect'] as const,
    registers,
  }),
  framesOut: new Counter({ name: 'messenger_frames_out_total', help: 'Frames written to sockets.', registers }),
  deliveredBytes: new Counter({
    name: 'messenger_delivered_bytes_total',
    help: 'Bytes written to sockets.',
    registers,
  }),
  lagCloses: new Counter({
    name: 'messenger_lag_closes_total',
    help: 'Sockets closed because they did not read what they were sent.',
    registers,
  }),
  lags: new Counter({
    name: 'messenger_lags_total',
    help: 'Times that a socket was left out until it had read what it was sent.',
    registers,
  }),
  encodings: new Counter({
    name: 'messenger_encodings_total',
    help: 'Events turned into frames, whatever the number of sockets they went to.',
    labelNames: ['dialect'] as const,
    registers,
  }),
});

const createWriterMetrics = (registers: Registry[]): Pick<Metrics, 'batchRows' | 'batchSeconds' | 'sends'> => ({
  batchRows: new Histogram({
    name: 'messenger_batch_rows',
    help: 'Messages in one call of the storing function.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers,
  }),
  batchSeconds: new Histogram({
    name: 'messenger_batch_seconds',
    help: 'Time of one call of the storing function, its commit included.',
    buckets: durationBuckets,
    registers,
  }),
  sends: new Counter({
    name: 'messenger_sends_total',
    help: 'Messages that were answered, by outcome.',
    labelNames: ['outcome'] as const,
    registers,
  }),
});
