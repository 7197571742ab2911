import dotenv
import upstream
