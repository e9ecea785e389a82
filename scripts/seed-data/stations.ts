import { COUNTRIES, type Country } from './places.ts';
import { randomFrom } from './random.ts';

const SEED = 20_260_103;
const FIRST_ID = 70_000;

/** A record as it is written. */
interface Station {
  name: { en: string };
  country: string;
  /** Null where there is none. ICAO assigns no code that begins with X. */
  identifiers: { icao?: string } | null;
  /** Degrees; metres. */
  location: { latitude: number; longitude: number; elevation?: number | null };
}

/** A way to write a record. */
type Shape = (station: Station) => string;

const usualShape: Shape = (station) => `${JSON.stringify(station, null, 2)}\n`;

/** Unusual but valid forms by id. docs/seed-data.md lists them. */
const UNUSUAL_SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['70004', (station) => `\ufeff${usualShape(station)}`],
  ['70011', (station) => `${JSON.stringify(station)}\n`],
  ['70018', (station) => usualShape({ ...station, name: { en: station.name.en.normalize('NFD') } })],
  ['70031', (station) => usualShape({ ...station, location: { ...station.location, elevation: 0 } })],
  ['70036', ({ location, ...rest }) => usualShape({ location: { ...location, latitude: 52.5 }, ...rest })],
  ['70044', (station) => usualShape(station).replaceAll('\n', '\r\n')],
]);

/** Faulty files by id: each is a reject. docs/seed-data.md lists them. */
const FAULTY_SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['70022', (station) => usualShape(station).replace(/"elevation": (-?\d+)/, '"elevation": "$1 m"')],
  [
    '70045',
    ({ location: { latitude, longitude, elevation }, ...rest }) =>
      usualShape({ ...rest, location: { latitude: longitude, longitude: latitude, elevation } }),
  ],
  ['70050', (station) => usualShape(station).replace(/\}\n\}\n$/, '\n')],
]);

/** Returns all demo stations by key, deterministic. */
export function stationFiles(): Map<string, Buffer> {
  const random = randomFrom(SEED);
  const files = new Map<string, Buffer>();
  const named = COUNTRIES.flatMap((country) => country.places.map((place) => ({ country, place })));
  named.forEach(({ country, place }, i) => {
    const id = String(FIRST_ID + i);
    const station = makeStation(random, country, place);
    const { location } = station;
    // Every seventh elevation is unknown: by null, or without a member.
    if (i % 14 === 6) location.elevation = null;
    if (i % 14 === 13) delete location.elevation;
    const icao = `X${country.code}${String.fromCharCode(65 + (i % 26))}`;
    if (i % 3 !== 2) station.identifiers = { icao };
    else if (i % 6 === 2) station.identifiers = null;
    const shape = UNUSUAL_SHAPES.get(id) ?? FAULTY_SHAPES.get(id) ?? usualShape;
    files.set(`stations/${id}.json`, Buffer.from(shape(station)));
  });
  return files;
}

function makeStation(random: () => number, country: Country, place: string): Station {
  const within = ([from, to]: readonly [number, number]) => from + random() * (to - from);
  return {
    name: { en: place },
    country: country.code,
    identifiers: {},
    location: {
      latitude: Number(within(country.latitude).toFixed(4)),
      longitude: Number(within(country.longitude).toFixed(4)),
      elevation: Math.round(within(country.elevation)),
    },
  };
}
