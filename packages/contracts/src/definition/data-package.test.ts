import t from 'tap';
import { columnNames, type Definition } from '../dataset/definition.ts';
import { USERS } from '../dataset/users.ts';
import { dataPackage, dataPackageText } from './data-package.ts';
import { parseDefinition } from './parse-definition.ts';

const READINGS = {
  name: 'readings',
  one: 'reading',
  description: 'What the sensors say',
  records: '{reading_id}.json',
  fields: [
    { name: 'sensor', type: 'string', description: 'serial number' },
    { name: 'note', type: 'string', optional: true },
    { name: 'state', type: 'enum', values: ['new', 'old'] },
    { name: 'colour', type: 'enum', values: ['red'], optional: true },
    { name: 'valid', type: 'boolean' },
    { name: 'pulses', type: 'integer', minimum: 0, maximum: 10 },
    { name: 'steps', type: 'integer', optional: true },
    { name: 'volts', type: 'decimal', scale: 3, minimum: -0.125, optional: true },
    { name: 'day', type: 'date' },
    { name: 'taken', type: 'timestamp', unit: 'ms' },
    { name: 'sent', type: 'timestamp', unit: 's', optional: true },
    { name: 'stored', type: 'timestamp', unit: 'iso', description: 'by the clock of the server' },
  ],
  companions: [
    { name: 'plot', files: '{reading_id}.png' },
    { name: 'log', files: '{reading_id}.txt', column: 'log_file', description: 'what it wrote' },
  ],
};

const fieldsOf = (definition: Definition) => dataPackage(definition).resources[0]?.schema.fields;
const parse = (value: object): Definition => parseDefinition(JSON.stringify(value), 'test.json');

t.test('each type has its type of the standard, with its constraints', async (t) => {
  t.same(fieldsOf(parse(READINGS)), [
    { name: 'reading_id', type: 'string', constraints: { required: true } },
    { name: 'sensor', type: 'string', description: 'serial number', constraints: { required: true } },
    { name: 'note', type: 'string' },
    { name: 'state', type: 'string', constraints: { required: true, enum: ['new', 'old'] } },
    { name: 'colour', type: 'string', constraints: { enum: ['red'] } },
    {
      name: 'valid',
      type: 'boolean',
      trueValues: ['true'],
      falseValues: ['false'],
      constraints: { required: true },
    },
    { name: 'pulses', type: 'integer', constraints: { required: true, minimum: 0, maximum: 10 } },
    { name: 'steps', type: 'integer' },
    { name: 'volts', type: 'number', constraints: { minimum: -0.125 } },
    { name: 'day', type: 'date', constraints: { required: true } },
    {
      name: 'taken',
      type: 'integer',
      description: 'milliseconds since 1970-01-01 UTC',
      constraints: { required: true },
    },
    { name: 'sent', type: 'integer', description: 'seconds since 1970-01-01 UTC' },
    {
      name: 'stored',
      type: 'datetime',
      description: 'by the clock of the server',
      constraints: { required: true },
    },
    {
      name: 'plot_path',
      type: 'string',
      description: '`<bucket>/<key>` of the file, empty when there is none',
    },
    { name: 'log_file', type: 'string', description: 'what it wrote' },
  ]);
});

t.test('the package names output.csv, its format and its key', async (t) => {
  for (const definition of [USERS, parse(READINGS)]) {
    const { name, description }: Definition = definition;
    const found = dataPackage(definition);
    t.match(found, {
      $schema: 'https://datapackage.org/profiles/2.0/datapackage.json',
      name,
      resources: [
        {
          name,
          type: 'table',
          path: 'output.csv',
          format: 'csv',
          mediatype: 'text/csv',
          encoding: 'utf-8',
          dialect: { delimiter: ',', lineTerminator: '\n' },
          schema: { missingValues: [''], primaryKey: [columnNames(definition)[0]] },
        },
      ],
    });
    t.equal('description' in found ? found.description : undefined, description);
    t.same(
      fieldsOf(definition)?.map((field) => field.name),
      columnNames(definition),
    );
  }
});

t.test('the text depends on the definition alone', async (t) => {
  t.equal(dataPackageText(parse(READINGS)), dataPackageText(parse(READINGS)));
  t.same(JSON.parse(dataPackageText(USERS)), dataPackage(USERS));
  t.not(dataPackageText(USERS), dataPackageText({ ...USERS, description: 'People' }));
});
