import "./workers.js";
import "./style.css";

import { createRoot } from "react-dom/client";

import { Explorer } from "./Explorer.jsx";

createRoot(document.getElementById("explorer")).render(<Explorer />);
