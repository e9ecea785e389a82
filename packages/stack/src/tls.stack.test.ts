import { minioAdmin } from '@landfall/object-store/s3/minio-admin';
import { readCaFile } from '@landfall/process/ca-file';
import { makeLogger } from '@landfall/process/logger';
import { certificatesAreMissing, makeCertificates } from '@landfall/test-servers/certificates';
import { ownNatsIsMissing, startOwnNats } from '@landfall/test-servers/nats-server';
import { ownS3IsMissing, startOwnS3, uniqueBucket } from '@landfall/test-servers/s3-server';
import t, { type Test } from 'tap';
import { connectStack, type StackAddresses } from './connect.ts';

const skip = ownNatsIsMissing() ?? ownS3IsMissing() ?? certificatesAreMissing() ?? false;

t.test('TLS to the object store and to NATS', { skip }, async (t) => {
  const files = makeCertificates(t.testdir());
  const [nats, plainNats, s3, plainS3] = await Promise.all([
    startOwnNats(files),
    startOwnNats(),
    startOwnS3(undefined, files),
    startOwnS3(),
  ]);
  t.teardown(() => Promise.all([nats, plainNats, s3, plainS3].map((server) => server.stop())));
  const addressesOf = (bus: typeof nats, store: typeof s3, CA_FILE?: string): StackAddresses => ({
    MINIO_ENDPOINT: store.endpoint,
    MINIO_ACCESS_KEY: store.accessKey,
    MINIO_SECRET_KEY: store.secretKey,
    NATS_URL: bus.url,
    NATS_USER: bus.user ?? '',
    NATS_PASSWORD: bus.password ?? '',
    ...(CA_FILE === undefined ? {} : { CA_FILE }),
  });
  const tls = (url: string) => url.replace('nats://', 'tls://');

  for (const [what, url] of [
    ['tls://', tls(nats.url)],
    ['nats://, of a server that requires TLS', nats.url],
  ] as const) {
    await t.test(`with the right CA_FILE: ${what}`, async (t) => {
      const { store, bus, connected } = connectTo(t, {
        ...addressesOf(nats, s3, files.authority),
        NATS_URL: url,
      });
      t.equal(await connected, 'connected');
      bus.respond('question', () => 'answer');
      t.equal(await bus.request('question', {}, 5_000), 'answer');
      const bucket = uniqueBucket('tls');
      await store.createBucket(bucket);
      await store.put(bucket, 'a', Buffer.from('text'));
      t.equal(Buffer.from((await store.read(bucket, 'a', 100)).bytes).toString(), 'text');
    });

    for (const [ca, file] of [
      ['without CA_FILE', undefined],
      ['with the CA_FILE of another authority', files.otherAuthority],
    ] as const) {
      await t.test(`${ca}: ${what}`, async (t) => {
        const { store, connected } = connectTo(t, { ...addressesOf(nats, s3, file), NATS_URL: url });
        t.match(await connected, /certificate is not signed by an authority of CA_FILE/);
        const untrusted = {
          code: 'unavailable',
          message: /certificate is not signed by an authority of CA_FILE/,
        };
        await t.rejects(store.createBucket('any'), untrusted);
        const admin = minioAdmin({ ...s3, ca: readCaFile(file) });
        await t.rejects(admin.putUser('user', 'secret', {}), untrusted, 'with the MinIO client');
      });
    }
  }

  await t.test('a certificate for another host', async (t) => {
    const elsewhere = (url: string) => url.replace('127.0.0.1', 'localhost');
    const { store, connected } = connectTo(t, {
      ...addressesOf(nats, s3, files.authority),
      NATS_URL: elsewhere(tls(nats.url)),
      MINIO_ENDPOINT: elsewhere(s3.endpoint),
    });
    t.match(await connected, /does not match certificate's altnames/);
    await t.rejects(store.createBucket('any'), { message: /does not match certificate's altnames/ });
  });

  await t.test('a scheme that the server does not have', async (t) => {
    const addresses = addressesOf(plainNats, plainS3, files.authority);
    const { store, connected } = connectTo(t, {
      ...addresses,
      NATS_URL: tls(plainNats.url),
      MINIO_ENDPOINT: plainS3.endpoint.replace('http:', 'https:'),
    });
    t.match(await connected, /no TLS, which the scheme tls:\/\/ of NATS_URL requires/);
    await t.rejects(store.createBucket('any'), { message: /does not use TLS: check the URL's scheme/ });
  });

  await t.test('servers without TLS, with CA_FILE', async (t) => {
    const { store, connected } = connectTo(t, addressesOf(plainNats, plainS3, files.authority));
    t.equal(await connected, 'connected');
    await store.createBucket(uniqueBucket('plain'));
  });

  await t.test('a CA_FILE that cannot be used is named', async (t) => {
    const folder = t.testdir({
      text: 'no certificate',
      broken: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    });
    for (const [file, why] of [
      ['absent', /^CA_FILE is ".*absent", which can't be read: ENOENT/],
      ['text', /^CA_FILE is ".*text", which has no certificate in PEM format/],
      ['broken', /^CA_FILE is ".*broken", which has an invalid certificate: number 1 of 1/],
    ] as const) {
      const addresses = addressesOf(nats, s3, `${folder}/${file}`);
      t.throws(() => connectTo(t, addresses), { name: 'SettingsError', faults: [why] });
    }
  });
});

/** `connected` resolves at the first connection to NATS, with `connected`, or with the first error. */
function connectTo(t: Test, addresses: StackAddresses) {
  const first = Promise.withResolvers<string>();
  const log = makeLogger('test', 'silent');
  log.warn = (data: unknown) => {
    if (data instanceof Object && 'err' in data) first.resolve(String(data.err));
  };
  const { store, bus } = connectStack(addresses, 'ingestor', log);
  t.teardown(() => bus.close());
  bus.onConnected(() => first.resolve('connected'));
  return { store, bus, connected: first.promise };
}
