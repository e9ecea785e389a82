import { BUCKET_EVENTS, BucketEvent } from '@landfall/contracts/messages/bucket-event';
import {
  DATASET_UPDATED,
  DatasetUpdated,
  INGEST_ALIVE,
  INGEST_RUN,
  IngestorAlive,
  ingestProgress,
  RunAccepted,
  RunRequest,
  STREAMS,
} from '@landfall/contracts/messages/events';
import { RunProgress, RunReport } from '@landfall/contracts/messages/run';
import { VERSION } from '@landfall/process/version';
import { shareSchemas } from '@landfall/query/http/openapi/shared-schemas';
import type { TSchema } from 'typebox';
import { EXAMPLES } from './example-messages.ts';

const ref = (path: string) => ({ $ref: `#/${path}` });

/** The messages of both services on NATS, as an AsyncAPI 3.0 document. Operations are those of the ingestor. */
export function asyncapiDocument(): object {
  return shareSchemas({
    asyncapi: '3.0.0',
    info: {
      title: 'Landfall on NATS',
      version: VERSION,
      description: 'What the ingestor sends, and what it answers. All messages are JSON.',
      license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
    },
    defaultContentType: 'application/json',
    servers: {
      stack: {
        host: '127.0.0.1:4222',
        protocol: 'nats',
        description:
          'NATS of the Docker Compose stack. deploy/nats.conf has the users and their permissions.',
        security: [ref('components/securitySchemes/user')],
      },
    },
    channels: CHANNELS,
    operations: OPERATIONS,
    components: {
      messages: MESSAGES,
      securitySchemes: { user: { type: 'userPassword', description: 'NATS_USER and NATS_PASSWORD' } },
    },
  });
}

/** @param schema as TypeBox made it; without its symbols */
const message = (name: keyof typeof EXAMPLES, summary: string, schema: TSchema) => ({
  name,
  summary,
  payload: JSON.parse(JSON.stringify(schema)),
  examples: [{ payload: JSON.parse(JSON.stringify(EXAMPLES[name])) }],
});

/** The NATS headers of a message that carries a trace. */
const TRACED = {
  headers: {
    type: 'object',
    properties: {
      traceparent: {
        type: 'string',
        description: 'The trace that the message belongs to (W3C Trace Context), when the sender has traces.',
        pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}',
      },
      tracestate: { type: 'string', maxLength: 512 },
    },
  },
};

const MESSAGES = {
  datasetUpdated: {
    ...message(
      'datasetUpdated',
      'A generation was published: a CloudEvents 1.0 envelope with the manifest.',
      DatasetUpdated,
    ),
    ...TRACED,
  },
  runRequest: { ...message('runRequest', 'Request for a run.', RunRequest), ...TRACED },
  runAccepted: message(
    'runAccepted',
    'The run that will do it, perhaps together with other requests.',
    RunAccepted,
  ),
  aliveRequest: {
    name: 'aliveRequest',
    summary: 'The content is not read.',
    payload: {},
    examples: [{ payload: {} }],
  },
  ingestorAlive: message('ingestorAlive', 'An ingestor leads; these are its conditions.', IngestorAlive),
  runProgress: message('runProgress', 'A run is queued or running. At most five a second.', RunProgress),
  runReport: message('runReport', 'A run has ended: its last message.', RunReport),
  bucketEvent: message(
    'bucketEvent',
    'The source bucket has changed: an S3 event message. The keys are hints.',
    BucketEvent,
  ),
};

const channel = (address: string | null, description: string, ...names: (keyof typeof MESSAGES)[]) => ({
  address,
  description,
  messages: Object.fromEntries(names.map((name) => [name, ref(`components/messages/${name}`)])),
});

const CHANNELS = {
  datasetUpdated: channel(DATASET_UPDATED, keptOn('DATASET'), 'datasetUpdated'),
  ingestRun: channel(INGEST_RUN, 'Requests; an empty message is one, too.', 'runRequest'),
  ingestRunReply: channel(null, 'The inbox of the request.', 'runAccepted'),
  ingestAlive: channel(INGEST_ALIVE, 'Requests.', 'aliveRequest'),
  ingestAliveReply: channel(null, 'The inbox of the request.', 'ingestorAlive'),
  ingestProgress: {
    ...channel(ingestProgress('{run_id}'), keptOn('RUNS'), 'runProgress', 'runReport'),
    parameters: { run_id: { description: 'the run' } },
  },
  bucketEvents: channel(BUCKET_EVENTS, keptOn('BUCKET'), 'bucketEvent'),
};

/** How a stream keeps the messages of its subject. */
function keptOn(name: (typeof STREAMS)[number]['name']): string {
  const stream = STREAMS.find((each) => each.name === name);
  if (!stream) throw new Error(name);
  const days = stream.maxAgeMs / 86_400_000;
  const perSubject = stream.maxPerSubject === 1 ? ', one per subject' : '';
  const queue = 'isQueue' in stream ? ' A work queue: each message goes to one consumer, once.' : '';
  return `Kept on the JetStream stream \`${name}\`: ${stream.maxMessages} messages${perSubject}, for ${days} days.${queue}`;
}

const answers = (name: 'ingestRun' | 'ingestAlive', summary: string) => ({
  action: 'receive',
  channel: ref(`channels/${name}`),
  summary,
  reply: { channel: ref(`channels/${name}Reply`) },
});

const OPERATIONS = {
  announceGeneration: {
    action: 'send',
    channel: ref('channels/datasetUpdated'),
    summary: 'After the manifest was written.',
  },
  acceptRun: answers('ingestRun', 'Replies at once. Follow the progress of the run.'),
  replyAlive: answers('ingestAlive', 'Replies at once.'),
  reportProgress: {
    action: 'send',
    channel: ref('channels/ingestProgress'),
    summary: 'While a run goes on, and at its end.',
  },
  checkKeys: {
    action: 'receive',
    channel: ref('channels/bucketEvents'),
    summary: 'Starts a run that checks the keys.',
  },
};
