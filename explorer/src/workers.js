// Where Monaco looks for its workers: ours come as files from our own origin. The build names them.
globalThis.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(WORKER_FILES[label] ?? WORKER_FILES.editor, import.meta.url), { type: "module" }),
};
