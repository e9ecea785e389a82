import { type Colour, encodePng } from './png.ts';
import { pick } from './random.ts';

const SIZE = 64;

const BACKGROUNDS: readonly [Colour, ...Colour[]] = [
  [173, 216, 230],
  [255, 218, 185],
  [200, 230, 201],
  [225, 190, 231],
  [255, 236, 179],
  [178, 223, 219],
  [248, 187, 208],
];
const SKINS: readonly [Colour, ...Colour[]] = [
  [255, 224, 196],
  [241, 194, 155],
  [224, 172, 125],
  [198, 134, 90],
  [141, 85, 52],
  [94, 58, 40],
];
const HAIRS: readonly [Colour, ...Colour[]] = [
  [40, 30, 28],
  [84, 52, 32],
  [139, 90, 43],
  [214, 170, 90],
  [178, 74, 40],
  [150, 150, 155],
  [230, 230, 232],
];
const SHIRTS: readonly [Colour, ...Colour[]] = [
  [63, 81, 181],
  [0, 121, 107],
  [216, 67, 21],
  [106, 27, 154],
  [69, 90, 100],
  [194, 24, 91],
];
const STYLES = ['short', 'long', 'bald', 'curly', 'bun'] as const;

/** Palette index of a pixel. */
const [BACKGROUND, SKIN, HAIR, SHIRT, EYE, MOUTH, WHITE, BLUSH] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** Draws a small face as PNG, with varied head, hair, eyes, mouth and shoulders. */
export function drawAvatar(random: () => number): Buffer {
  const skin = pick(random, SKINS);
  const blush: Colour = [Math.min(255, skin[0] + 8), Math.max(0, skin[1] - 30), Math.max(0, skin[2] - 25)];
  const palette: Colour[] = [
    pick(random, BACKGROUNDS),
    skin,
    pick(random, HAIRS),
    pick(random, SHIRTS),
    [35, 30, 35],
    [165, 50, 55],
    [255, 255, 255],
    blush,
  ];
  const canvas = makeCanvas();
  const style = pick(random, STYLES);
  const width = 15 + Math.floor(random() * 3);
  drawHairBehind(canvas, style, width);
  canvas.ellipse(32, 66, 24, 14, SHIRT);
  canvas.ellipse(32, 50, 6, 8, SKIN);
  for (const side of [-1, 1]) canvas.ellipse(32 + side * width, 33, 3, 4, SKIN);
  canvas.ellipse(32, 32, width, 19, SKIN);
  drawFringe(canvas, style, width);
  drawFace(canvas, random);
  return encodePng(SIZE, palette, canvas.pixels);
}

type Canvas = ReturnType<typeof makeCanvas>;

function makeCanvas() {
  const pixels = new Uint8Array(SIZE * SIZE).fill(BACKGROUND);
  return {
    pixels,
    /** Fills an ellipse, or the part selected by `where`. */
    ellipse(
      cx: number,
      cy: number,
      rx: number,
      ry: number,
      colour: number,
      where = (_x: number, _y: number) => true,
    ) {
      for (let y = Math.max(0, Math.floor(cy - ry)); y <= Math.min(SIZE - 1, cy + ry); y++) {
        for (let x = Math.max(0, Math.floor(cx - rx)); x <= Math.min(SIZE - 1, cx + rx); x++) {
          const inside = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1;
          if (inside && where(x, y)) pixels[y * SIZE + x] = colour;
        }
      }
    },
  };
}

function drawHairBehind(canvas: Canvas, style: (typeof STYLES)[number], width: number): void {
  if (style === 'long') canvas.ellipse(32, 38, width + 6, 24, HAIR);
  if (style === 'bun') canvas.ellipse(32, 10, 8, 7, HAIR);
  if (style === 'curly') {
    for (let turn = 0; turn < 9; turn++) {
      const angle = Math.PI * (1 + turn / 8);
      canvas.ellipse(32 + Math.cos(angle) * width, 28 + Math.sin(angle) * 16, 7, 7, HAIR);
    }
  }
}

function drawFringe(canvas: Canvas, style: (typeof STYLES)[number], width: number): void {
  if (style === 'bald') return;
  const line = style === 'short' ? 22 : 24;
  canvas.ellipse(32, 30, width + 1, 20, HAIR, (x, y) => y < line - Math.abs(x - 28) / 5);
}

function drawFace(canvas: Canvas, random: () => number): void {
  const gap = 6 + Math.floor(random() * 2);
  const smile = 3 + Math.floor(random() * 4);
  const hasGlasses = random() < 0.2;
  for (const side of [-1, 1]) {
    const x = 32 + side * gap;
    if (hasGlasses) {
      canvas.ellipse(x, 32, 5.5, 5.5, EYE);
      canvas.ellipse(x, 32, 4.3, 4.3, WHITE);
    } else canvas.ellipse(x, 32, 3, 2.5, WHITE);
    canvas.ellipse(x, 32, 1.6, 2, EYE);
    canvas.ellipse(x, 26, 3.5, 1, HAIR);
    canvas.ellipse(x + side * 2, 39, 2.5, 1.5, BLUSH);
  }
  if (hasGlasses) canvas.ellipse(32, 32, 2, 0.8, EYE);
  canvas.ellipse(32, 37, 1.4, 2, BLUSH);
  canvas.ellipse(32, 41, 6, smile, MOUTH, (_x, y) => y > 41);
  if (smile > 4) canvas.ellipse(32, 41, 5, 2, WHITE, (_x, y) => y > 41);
}
