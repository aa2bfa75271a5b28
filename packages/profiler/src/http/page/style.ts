/** Of the index page; light and dark as the reader's system is. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1c2024; --quiet: #60646c; --line: #dfe1e6; --panel: #f6f7f9; --paper: #fff; --link: #0b57b7; --warn: #9a4a00; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e6ea; --quiet: #9ba1a9; --line: #33373d; --panel: #1d2024; --paper: #131518; --link: #7ab3ff; --warn: #f0a45d; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 56rem; padding: 2rem 1.25rem 3rem; background: var(--paper); color: var(--text); font: 15px/1.55 system-ui, sans-serif; }
h1 { margin: 0; font: 600 1.4rem/1.3 ui-monospace, monospace; }
header p { margin: .35rem 0 0; color: var(--quiet); }
section { margin-top: 1.75rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
h2 { margin: 0; font: 600 1.05rem/1.4 ui-monospace, monospace; }
a { color: var(--link); text-underline-offset: .15em; }
section > p { margin: .25rem 0 0; }
.unavailable { color: var(--warn); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; margin: .75rem 0 0; }
dt, code, pre { font-family: ui-monospace, monospace; font-size: .875em; }
dt { padding-top: .1em; }
dd { margin: 0; color: var(--quiet); }
pre { margin: .75rem 0 0; padding: .65rem .85rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; line-height: 1.7; }
footer { margin-top: 2.25rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .875rem; }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;
