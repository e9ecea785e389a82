import type { Definition } from '@landfall/contracts/dataset/definition';
import { parseDefinition } from '@landfall/contracts/definition/parse-definition';
import t from 'tap';
import { makeFolder, serveFiles } from './_serve-definition.ts';

/** A companion of each kind of file that is sent in another way. */
const TYPES: Record<string, { type: string; policy: string }> = {
  png: { type: 'image/png', policy: "default-src 'none'" },
  tif: { type: 'image/tiff', policy: "default-src 'none'" },
  pdf: { type: 'application/pdf', policy: "default-src 'none'" },
  wav: { type: 'audio/wav', policy: "default-src 'none'; media-src 'self'" },
  svg: { type: 'image/svg+xml', policy: "default-src 'none'; style-src 'unsafe-inline'; sandbox" },
  html: { type: 'text/plain; charset=utf-8', policy: "default-src 'none'; sandbox" },
  xml: { type: 'application/xml', policy: "default-src 'none'; sandbox" },
  txt: { type: 'text/plain; charset=utf-8', policy: "default-src 'none'; sandbox" },
  nii: { type: 'application/octet-stream', policy: "default-src 'none'; sandbox" },
  constructor: { type: 'application/octet-stream', policy: "default-src 'none'; sandbox" },
};

const EXHIBITS: Definition = parseDefinition(
  JSON.stringify({
    name: 'exhibits',
    one: 'exhibit',
    records: '{exhibit_id}/record.json',
    fields: [{ name: 'title', type: 'string' }],
    companions: Object.keys(TYPES).map((extension) => ({
      name: `a_${extension}`,
      files: `{exhibit_id}/file.${extension}`,
    })),
  }),
  'exhibits.json',
);

t.test('companions have the media type of their extension, and never run in a browser', async (t) => {
  const { query, ask } = await serveFiles(
    t,
    makeFolder(t, {
      '1/record.json': '{"title": "Mask"}',
      '2/record.json': '{"title": "Bowl"}',
      ...Object.fromEntries(Object.keys(TYPES).map((extension) => [`1/file.${extension}`, extension])),
      '2/file.PDF': '%PDF',
    }),
    EXHIBITS,
  );
  const get = (target: string, headers = {}) => fetch(new URL(target, query.address), { headers });
  for (const [extension, { type, policy }] of Object.entries(TYPES)) {
    const answer = await get(`/data/1/a_${extension}`);
    t.equal(await answer.text(), extension);
    const header = (name: string) => answer.headers.get(name);
    t.equal(header('content-type'), type, extension);
    t.equal(header('content-security-policy'), policy, extension);
    t.equal(header('x-content-type-options'), 'nosniff', extension);
    t.equal(header('accept-ranges'), 'bytes', extension);
  }
  t.equal((await get('/data/2/a_pdf')).headers.get('content-type'), 'application/pdf', 'in any letter case');
  const part = await get('/data/1/a_html', { range: 'bytes=-2' });
  t.same([part.status, await part.text(), part.headers.get('content-range')], [206, 'ml', 'bytes 2-3/4']);

  await t.test('codes of errors are those of any data set', async (t) => {
    t.match((await ask('/data/3')).json(), { status: 404, code: 'row_not_found' });
    t.match((await ask('/data/3/a_pdf')).json(), { status: 404, code: 'row_not_found' });
    t.match((await ask('/data/2/a_txt')).json(), { status: 404, code: 'companion_not_found' });
    const openapi = (await ask('/openapi.json')).text;
    t.match(openapi, /"companion_unreadable"/);
    t.notMatch(openapi, /user_not_found|image_not_found|image_unreadable/);
  });
});
