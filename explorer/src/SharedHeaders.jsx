import { useGraphiQL } from "@graphiql/react";
import { useEffect } from "react";

function sameJson(left, right) {
  try {
    return JSON.stringify(JSON.parse(left)) === JSON.stringify(JSON.parse(right));
  } catch {
    return left === right;
  }
}

// GraphiQL gives each tab headers of its own. Here all tabs share them, so that a token is entered once.
export function SharedHeaders() {
  const editor = useGraphiQL((state) => state.headerEditor);

  useEffect(() => {
    if (!editor) return undefined;
    let shared = editor.getValue();
    const subscription = editor.onDidChangeModelContent(({ isFlush }) => {
      const value = editor.getValue();
      // A flush is GraphiQL's own doing: it switched tabs, took a query from the history or prettified.
      if (!isFlush || sameJson(value, shared)) shared = value;
      // The editor is still in the middle of its change.
      else queueMicrotask(() => editor.setValue(shared));
    });
    return () => subscription.dispose();
  }, [editor]);

  return null;
}
