import firstPage from "./examples/first-page.graphql";
import lastPage from "./examples/last-page.graphql";
import lastPageVariables from "./examples/last-page.json";
import oneCustomer from "./examples/one-customer.graphql";
import oneCustomerVariables from "./examples/one-customer.json";
import save from "./examples/save.graphql";
import saveVariables from "./examples/save.json";
import search from "./examples/search.graphql";
import searchVariables from "./examples/search.json";

function tab(query, variables) {
  return { query, variables: variables && JSON.stringify(variables, null, 2) };
}

// The first visit's tabs.
export const examples = [
  tab(firstPage),
  tab(oneCustomer, oneCustomerVariables),
  tab(search, searchVariables),
  tab(save, saveVariables),
  tab(lastPage, lastPageVariables),
];
