/* Who may import whom: docs/architecture.md says why. tests/architecture proves that this check can fail. */

/** The subjects, each of which may know only those before it. */
const slices = ['accounts', 'users', 'chats', 'messages', 'presence'];

const rightOf = (slice) => slices.slice(slices.indexOf(slice) + 1).join('|');

const sliceOrder = slices.slice(0, -1).map((slice) => ({
  name: `${slice}-knows-only-what-stands-left-of-it`,
  severity: 'error',
  from: { path: `^src/server/${slice}/` },
  to: { path: `^src/server/(${rightOf(slice)})/` },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^virtual:' },
    },
    {
      name: 'protocol-knows-only-itself-and-zod',
      severity: 'error',
      from: { path: '^src/protocol/', pathNot: '^src/protocol/describe\\.ts$' },
      to: { pathNot: '^(src/protocol/|node_modules/zod/)' },
    },
    {
      name: 'describe-adds-only-openapi',
      severity: 'error',
      from: { path: '^src/protocol/describe\\.ts$' },
      to: { pathNot: '^(src/protocol/|node_modules/(zod|@asteasolutions/zod-to-openapi)/)' },
    },
    {
      name: 'browser-code-has-no-node-built-ins',
      severity: 'error',
      from: { path: '^src/(protocol|client|web)/', pathNot: '^src/web/(vite\\.config\\.ts$|build/)' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'client-knows-only-the-protocol',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { path: '^src/(server|web)/' },
    },
    { name: 'web-knows-no-server', severity: 'error', from: { path: '^src/web/' }, to: { path: '^src/server/' } },
    {
      name: 'server-knows-no-client',
      severity: 'error',
      from: { path: '^src/server/' },
      to: { path: '^src/(client|web)/' },
    },
    {
      name: 'foundations-know-no-slice',
      severity: 'error',
      from: { path: '^src/server/(db|http|media|realtime)/' },
      to: { path: `^src/server/(${slices.join('|')}|dialects)/` },
    },
    ...sliceOrder,
    {
      // And a chat is changed through chats/change, whatever changes it.
      name: 'neighbours-are-read-through-queries-or-policy',
      severity: 'error',
      from: { path: `^src/server/(${slices.join('|')})/` },
      to: {
        path: `^src/server/(${slices.join('|')})/`,
        pathNot: '^src/server/($1/|\\w+/(queries|policy)\\.ts$|chats/change\\.ts$)',
      },
    },
    {
      name: 'slices-know-no-dialect',
      severity: 'error',
      from: { path: `^src/server/(${slices.join('|')})/` },
      to: { path: '^src/server/dialects/' },
    },
    {
      name: 'only-app-composes-dialects',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/server/((app|sockets)\\.ts$|dialects/)' },
      to: { path: '^src/server/dialects/' },
    },
    {
      name: 'nobody-but-main-starts-the-app',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/server/main\\.ts$' },
      to: { path: '^src/server/(app|main)\\.ts$' },
    },
    {
      name: 'src-needs-neither-scripts-nor-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(scripts|tests)/' },
    },
    {
      // What the web client is made of is in its bundle.
      name: 'src-runs-without-dev-dependencies',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/web/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
