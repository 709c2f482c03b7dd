import { createLocalStorage } from "@graphiql/toolkit";

// Apart for each path, so that two gateways on one origin do not share tabs.
const local = createLocalStorage({ namespace: window.location.pathname });

const HISTORY = /:(queries|favorites)$/;

function withoutHeaders(name, value) {
  return name === "headers" ? undefined : value;
}

export const storage = {
  ...local,
  // GraphiQL keeps headers out of the tabs it stores, but not out of its history: here no token is stored at all.
  setItem: (key, value) =>
    local.setItem(key, HISTORY.test(key) ? JSON.stringify(JSON.parse(value), withoutHeaders) : value),
};
