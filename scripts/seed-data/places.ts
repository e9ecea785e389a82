/** A country with invented places: the bounds of its coordinates in degrees, and of their elevation in metres. */
export interface Country {
  /** ISO 3166-1 alpha-2. */
  code: string;
  latitude: readonly [from: number, to: number];
  longitude: readonly [from: number, to: number];
  elevation: readonly [from: number, to: number];
  places: readonly string[];
}

/** Sixty invented places. No station stands there, but it could. */
export const COUNTRIES: readonly Country[] = [
  {
    code: 'AR',
    latitude: [-46, -30],
    longitude: [-68, -62],
    elevation: [20, 900],
    places: ['Arroyo Quieto', 'Bahía Serena', 'Cerro Lindero', 'Laguna Tordo', 'Paso Hondo', 'Villa Ombú'],
  },
  {
    code: 'CA',
    latitude: [49, 66],
    longitude: [-124, -78],
    elevation: [5, 1_100],
    places: [
      'Birch Narrows',
      'Caribou Elbow',
      'Grey Heron Lake',
      'Kettle Ridge',
      'Pine Cache',
      'Twin Portage',
    ],
  },
  {
    code: 'CH',
    latitude: [46, 47.5],
    longitude: [6.5, 9.5],
    elevation: [400, 3_200],
    places: ['Altenmoos', 'Col de la Brume', 'Hinterwald', 'Piz Nairun', 'Seefirst', 'Val Torba'],
  },
  {
    code: 'FI',
    latitude: [60.2, 69],
    longitude: [22, 29],
    elevation: [1, 320],
    places: ['Hietaniva', 'Kuusivaara', 'Lumijoensuo', 'Pöyryharju', 'Tervalahti', 'Yläkoivu'],
  },
  {
    code: 'IS',
    latitude: [63.6, 66.2],
    longitude: [-22, -14.5],
    elevation: [2, 700],
    places: ['Álftaholt', 'Breiðamýri', 'Gráfell', 'Hvítanes', 'Sandeyri', 'Þokudalur'],
  },
  {
    code: 'KE',
    latitude: [-3.5, 3],
    longitude: [35.5, 39.5],
    elevation: [10, 2_300],
    places: ['Acacia Gate', 'Ewaso Ford', 'Kilima Kijani', 'Maji Baridi', 'Soda Plain', 'Upepo Hill'],
  },
  {
    code: 'NL',
    latitude: [51.6, 53.3],
    longitude: [4.5, 6.8],
    elevation: [-5, 40],
    places: ['Grutterspolder', 'Hoge Kwel', 'Lisdodde', 'Oude Sluisbrug', 'Veenhoek', 'Zilverdijk'],
  },
  {
    code: 'NZ',
    latitude: [-46, -35.5],
    longitude: [169, 177],
    elevation: [3, 950],
    places: ['Fern Saddle', 'Kererū Point', 'Long Shingle', 'Mānuka Flat', 'Raupō Bend', 'Tussock Hut'],
  },
  {
    code: 'PT',
    latitude: [37.2, 41.8],
    longitude: [-8.6, -6.8],
    elevation: [4, 1_400],
    places: ['Alto da Giesta', 'Cabo Sereno', 'Fonte Velha', 'Lameiro', 'Ribeira Fria', 'São Vidal'],
  },
  {
    code: 'US',
    latitude: [33, 47.5],
    longitude: [-120, -76],
    elevation: [10, 2_400],
    places: ['Basin Fork', 'Cutbank Mesa', 'Dry Willow', 'Juniper Bench', 'Larkspur', 'Pelican Slough'],
  },
];
