/** Reads the part of markdown that messages may have. It comes in a chunk of its own, with markdown-it. */
import MarkdownIt, { type Token } from 'markdown-it';
import type { Mention } from '../../../client/index.ts';
import { cutAtMentions, type Block, type Inline, type MentionPiece } from './tree.ts';

/** Of what a person writes no more is nested; what goes deeper is shown at this depth. */
const maxDepth = 16;

const markdown = new MarkdownIt({ html: false, linkify: true, maxNesting: maxDepth }).disable([
  'code',
  'entity',
  'hr',
  'html_block',
  'html_inline',
  'lheading',
  'reference',
  'table',
]);
// So that `main.py` is a file and `example.com` a page.
const usualEnds = 'com org net info biz ru рф su ua by kz io dev app me eu de fr uk';
markdown.linkify.add('ftp:', null).add('//', null).set({ fuzzyLink: true }).tlds(usualEnds.split(' '));
markdown.validateLink = (url) => /^(?:https?:\/\/|mailto:)/i.test(url.trim());

/** A mention stands in the source as one letter of a private area, so that markdown takes it for a word. */
const firstLetter = 0xee00;
const letters = /[\uee00-\uee7f]/;
const toLetter = (index: number): string => String.fromCharCode(firstLetter + index);

/** What a message says. */
export function parse(text: string, mentions: readonly Mention[] = []): Block[] {
  const pieces = letters.test(text) ? [text] : cutAtMentions(text, mentions);
  const named = pieces.filter((piece) => typeof piece !== 'string');
  let next = 0;
  const source = pieces.map((piece) => (typeof piece === 'string' ? piece : toLetter(next++))).join('');
  const tokens = markdown.parse(source, {});
  // Deeper blocks were left out.
  if (tokens.some(({ level }) => level >= maxDepth - 1)) return [{ kind: 'paragraph', children: toLines(pieces) }];
  return new Reader(named).readBlocks(tokens);
}

const toLines = (pieces: readonly (string | MentionPiece)[]): Inline[] =>
  pieces.flatMap((piece): Inline[] =>
    typeof piece === 'string'
      ? piece.split('\n').flatMap((line, at): Inline[] => (at === 0 ? [line] : [{ kind: 'break' }, line]))
      : [piece],
  );

const toAddress = (token: Token, name: 'href' | 'src'): string => String(token.attrGet(name) ?? '');

class Reader {
  readonly #mentions: readonly MentionPiece[];

  constructor(mentions: readonly MentionPiece[]) {
    this.#mentions = mentions;
  }

  readBlocks(tokens: readonly Token[]): Block[] {
    const top: Block[] = [];
    /** The lists of blocks that are open, the innermost last. */
    const open: Block[][] = [top];
    const lists: Extract<Block, { kind: 'list' }>[] = [];
    let isHeading = false;
    for (const token of tokens) {
      const here = open.at(-1)!;
      switch (token.type) {
        case 'heading_open':
        case 'paragraph_open':
          isHeading = token.type === 'heading_open';
          break;
        case 'inline':
          here.push({ kind: isHeading ? 'heading' : 'paragraph', children: this.#readInline(token.children ?? []) });
          break;
        case 'fence':
          here.push({ kind: 'code', text: this.#toPlain(token.content.replace(/\n$/, '')) });
          break;
        case 'blockquote_open': {
          const children: Block[] = [];
          here.push({ kind: 'quote', children });
          open.push(children);
          break;
        }
        case 'bullet_list_open':
        case 'ordered_list_open': {
          const start = token.type === 'ordered_list_open' ? Number(token.attrGet('start') ?? 1) : undefined;
          const list = { kind: 'list' as const, start, items: [] };
          here.push(list);
          lists.push(list);
          break;
        }
        case 'list_item_open': {
          const item: Block[] = [];
          lists.at(-1)!.items.push(item);
          open.push(item);
          break;
        }
        case 'blockquote_close':
        case 'list_item_close':
          open.pop();
          break;
        case 'bullet_list_close':
        case 'ordered_list_close':
          lists.pop();
          break;
        default:
      }
    }
    return top;
  }

  #readInline(tokens: readonly Token[]): Inline[] {
    const top: Inline[] = [];
    const open: Inline[][] = [top];
    for (const token of tokens) {
      const here = open.at(-1)!;
      const enter = (make: (children: Inline[]) => Inline): void => {
        if (open.length > maxDepth) {
          open.push(here);
          return;
        }
        const children: Inline[] = [];
        here.push(make(children));
        open.push(children);
      };
      if (token.nesting < 0) open.pop();
      else if (token.type === 'text' || token.type === 'text_special') here.push(...this.#toPieces(token.content));
      else if (token.type === 'softbreak' || token.type === 'hardbreak') here.push({ kind: 'break' });
      else if (token.type === 'code_inline') here.push({ kind: 'code', text: this.#toPlain(token.content) });
      else if (token.type === 'strong_open') enter((children) => ({ kind: 'strong', children }));
      else if (token.type === 'em_open') enter((children) => ({ kind: 'emphasis', children }));
      else if (token.type === 's_open') enter((children) => ({ kind: 'strike', children }));
      else if (token.type === 'link_open') enter((children) => this.#toLink(toAddress(token, 'href'), children));
      else if (token.type === 'image') {
        const href = toAddress(token, 'src');
        here.push(this.#toLink(href, [this.#toPlain(token.content) || href]));
      }
    }
    return top;
  }

  #toLink(href: string, children: Inline[]): Inline {
    // The letters of mentions stand in an address as their bytes.
    const words = href.replace(/%EE%B[89]%[89AB][0-9A-F]/gi, (bytes) =>
      encodeURIComponent(this.#toPlain(decodeURIComponent(bytes))),
    );
    return { kind: 'link', href: words, children };
  }

  #toPieces(content: string): Inline[] {
    if (this.#mentions.length === 0) return content === '' ? [] : [content];
    return content
      .split(/([\uee00-\uee7f])/)
      .filter((piece) => piece !== '')
      .map((piece) => this.#find(piece) ?? piece);
  }

  #toPlain(content: string): string {
    if (this.#mentions.length === 0) return content;
    return content.replace(/[\uee00-\uee7f]/g, (letter) => this.#find(letter)?.text ?? letter);
  }

  #find(letter: string): MentionPiece | undefined {
    return letters.test(letter) ? this.#mentions[letter.charCodeAt(0) - firstLetter] : undefined;
  }
}
