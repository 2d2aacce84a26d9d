/** What a README says in fenced blocks: commands (`sh`), and the JSON that is typed or comes back (`json`). */
export interface Block {
  /** The heading of the second level above it. */
  section: string;
  language: string;
  text: string;
}

export function listBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let section = '';
  let open: Block | undefined;
  for (const line of markdown.split('\n')) {
    const fence = /^```(\w*)$/.exec(line);
    if (fence && open) open = void blocks.push(open);
    else if (fence) open = { section, language: fence[1] ?? '', text: '' };
    else if (open) open.text += `${line}\n`;
    else section = /^## (.+)$/.exec(line)?.[1] ?? section;
  }
  return blocks;
}

/** Headings as their levels, since their words are another language's in a translation. */
export const listHeadingLevels = (markdown: string): number[] =>
  [...markdown.matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length);

/** Files of the project that a document links to or shows, as it writes them. */
export const listLinks = (markdown: string): string[] =>
  [...markdown.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^(https?:|mailto:)/.test(target));

/** Rows of the table of variables: name and default. */
export const listVariableRows = (markdown: string): { name: string; default: string }[] =>
  [...markdown.matchAll(/^\| `([A-Z0-9_]+)` \| (?:`([^`]*)`)? *\|/gm)].map(([, name = '', value = '']) => ({
    name,
    default: value,
  }));

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * JSON texts as they are compared: without white space, ids that the server made and instants that it took replaced. An
 * instant of the server has microseconds, which a person does not write.
 */
export const toComparable = (text: string, knownIds: ReadonlySet<string>): string =>
  text
    .replaceAll(uuid, (id) => (knownIds.has(id) ? id : '<id>'))
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, '<now>')
    .replaceAll(/\s/g, '');

export const listIds = (text: string): string[] => text.match(uuid) ?? [];

/** The frames that a picture shows in its terminals, `…` standing for anything. */
export const listPicturedFrames = (svg: string): RegExp[] =>
  [...svg.matchAll(/<text [^>]*>&[lg]t; ([^<]*)<\/text>/g)].map(
    ([, frame = '']) =>
      new RegExp(
        `^${frame
          .replaceAll(/\s/g, '')
          .split('…')
          .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
          .join('.*')}$`,
      ),
  );
