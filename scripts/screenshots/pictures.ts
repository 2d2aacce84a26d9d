/** The pictures of people and groups: flat and simple, drawn here. */
import sharp from 'sharp';

const draw = (background: string, shapes: string): string =>
  `<path fill="${background}" d="M0 0h512v512H0z"/>${shapes}`;

const wheel = (x: number): string =>
  `<circle cx="${x}" cy="316" r="72" fill="none" stroke="#fdf6e3" stroke-width="18"/>`;

const petal = (turn: number): string =>
  `<ellipse cx="256" cy="150" rx="48" ry="78" fill="#f7f3e8" transform="rotate(${turn} 256 236)"/>`;

const motifs = {
  leaf: draw(
    '#d8ead3',
    `<path fill="#3f7d58" d="M256 410C120 350 110 200 256 90c146 110 136 260 0 320z"/>
     <path stroke="#d8ead3" stroke-width="14" stroke-linecap="round" fill="none" d="M256 440V190M256 290l60-58M256 340l-64-60"/>`,
  ),
  bicycle: draw(
    '#2f5d8a',
    `${wheel(150)}${wheel(362)}
     <path fill="none" stroke="#f2b632" stroke-width="18" stroke-linejoin="round" stroke-linecap="round"
       d="M150 316l64-120h114l34 120M214 196l42 120 72-120M150 316h106M192 176h44M328 196l-12-40h40"/>`,
  ),
  fox: draw(
    '#f6e3c5',
    `<path fill="#d9662c" d="M120 110l90 70h92l90-70 10 150-146 170-146-170z"/>
     <path fill="#fff8ec" d="M110 262l146 168 146-168-86 34-60 60-60-60z"/>
     <circle cx="198" cy="262" r="15" fill="#33261d"/><circle cx="314" cy="262" r="15" fill="#33261d"/>
     <circle cx="256" cy="404" r="24" fill="#33261d"/>`,
  ),
  mountains: draw(
    '#bfd8e6',
    `<circle cx="366" cy="140" r="48" fill="#f7d774"/>
     <path fill="#6b7f94" d="M0 430l170-250 130 190 70-90 142 150v82H0z"/>
     <path fill="#fff" d="M170 180l46 67-30 18-22-20-24 22-18-15z"/><path fill="#46586b" d="M0 440h512v72H0z"/>`,
  ),
  flower: draw(
    '#7a5c99',
    `<path stroke="#8fc07a" stroke-width="20" stroke-linecap="round" fill="none" d="M256 300v170M256 420q60-10 84-60"/>
     ${[0, 60, 120, 180, 240, 300].map(petal).join('')}<circle cx="256" cy="236" r="46" fill="#f2b632"/>`,
  ),
  moon: draw(
    '#27344f',
    `<path fill="#f3e6b3" d="M310 110a150 150 0 1 0 92 232 128 128 0 0 1-92-232z"/>
     <circle cx="372" cy="160" r="11" fill="#f3e6b3"/><circle cx="430" cy="238" r="8" fill="#f3e6b3"/>
     <circle cx="110" cy="120" r="8" fill="#f3e6b3"/>`,
  ),
  tomato: draw(
    '#fbe9d7',
    `<circle cx="256" cy="286" r="150" fill="#d5402f"/><ellipse cx="200" cy="240" rx="30" ry="20" fill="#ea7563"/>
     <path fill="#4c8c4a" d="M256 176l-96-36 62-14 6-60 44 44 56-36-8 58 60 22z"/>`,
  ),
  book: draw(
    '#33658a',
    `<path fill="#f7f3e8" d="M256 170q-70-50-170-36v230q100-14 170 36 70-50 170-36V134q-100-14-170 36z"/>
     <path stroke="#33658a" stroke-width="12" stroke-linecap="round" fill="none"
       d="M256 176v216M128 196q48-2 84 18M128 256q48-2 84 18M384 196q-48-2-84 18M384 256q-48-2-84 18"/>`,
  ),
  path: draw(
    '#cfe5ef',
    `<circle cx="140" cy="140" r="54" fill="#f7c948"/><path fill="#86b26f" d="M0 300q130-110 270-30t242-50v292H0z"/>
     <path fill="#f3ead7" d="M330 268q-110 60 10 110 60 30-40 134h90q110-110 20-160-110-50-40-84z"/>`,
  ),
};

/** What there is a picture of. */
export type Motif = keyof typeof motifs;

export const paint = (motif: Motif): Promise<Buffer> =>
  sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512">${motifs[motif]}</svg>`))
    .png()
    .toBuffer();
