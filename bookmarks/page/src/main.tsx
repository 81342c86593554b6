import "./page.css";
import { startTexts } from "barq-web/kit";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import de from "./texts/de.json";
import en from "./texts/en.json";

startTexts({ en, de });

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
