// Brings the islands of a page to life. The page works without it.
const script = document.querySelector("script[data-wasm]");
const wake = async () => {
  const bundle = await import("__GLUE__");
  await bundle.default({ module_or_path: script.dataset.wasm });
  bundle.hydrate();
  for (const island of document.querySelectorAll("leptos-island")) {
    const live = bundle[island.dataset.component];
    if (live) await live(island);
  }
  const editor = document.querySelector("[data-zone-editor]");
  if (editor) (await import("__EDITOR__")).start(bundle, editor);
  document.documentElement.dataset.islands = "live";
};
wake();
