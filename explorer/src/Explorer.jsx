import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";

import { examples } from "./examples.js";
import { fetcher } from "./fetcher.js";
import { SharedHeaders } from "./SharedHeaders.jsx";
import { storage } from "./storage.js";

const demoToken = document.querySelector('meta[name="custgraph:demo-token"]').content;
const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];

export function Explorer() {
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      plugins={plugins}
      defaultTabs={examples}
      defaultHeaders={JSON.stringify({ "X-Api-Token": demoToken }, null, 2)}
      defaultEditorToolsVisibility="headers"
      shouldPersistHeaders={false}
    >
      <GraphiQL.Logo>custgraph</GraphiQL.Logo>
      <SharedHeaders />
    </GraphiQL>
  );
}
